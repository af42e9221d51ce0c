"""What the tables of shipped cases are made from, where a script makes them: public data, assumptions, the script."""
