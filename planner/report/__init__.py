"""How a plan is shown: on a terminal, and as pictures."""
