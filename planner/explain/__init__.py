"""One plan, or one failure, explained: why rules cannot hold, what protection is worth, the bound proven again."""
