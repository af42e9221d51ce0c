"""Coastlines and borders of the maps of the planner, from Natural Earth (public domain)."""
