"""Plan again after news: what is committed stays, and the price of stability is told."""
