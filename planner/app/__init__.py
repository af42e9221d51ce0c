"""The what-if page: a server on this machine alone, its store, and the processes of its runs."""
