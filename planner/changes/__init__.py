"""The one language of changes: what ``--set``, what-if files and Python calls do to a case (docs/what-ifs.md)."""
