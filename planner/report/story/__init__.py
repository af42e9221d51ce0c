"""The story of a plan: a page of plain sentences with numbers, made from its tables and its case."""
