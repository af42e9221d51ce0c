"""Backup redundancy, exactly: failure domains, cuts on capacity, their separation, and certificates."""
