"""What-ifs: named changes to a case, as data (docs/what-ifs.md)."""
