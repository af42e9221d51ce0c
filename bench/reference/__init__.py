"""Hand-written models: what an expert would write for the same problems with general tools and their defaults.

They share no algebra with the planner's program. The single-period models read the instance; the multi-year model takes
its numbers (prices by period, limits) from `planner.inputs`, since preparing data is not what is compared.
"""
