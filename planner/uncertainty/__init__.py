"""Plans when the future is not known: scenarios with probabilities, and what is planned over them."""
