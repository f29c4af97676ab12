"""Frozen values that cross layers, by domain: plain Python without database, web framework or arrays."""
