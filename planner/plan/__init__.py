"""The answer: a frozen plan, its tables and its folder."""
