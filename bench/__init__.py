"""Benchmarks: public instances with published optima, a ladder of synthetic cases, hand-written models to compare with.

Run from a checkout: ``python -m bench --help``. Nothing here is part of the installed package.
"""
