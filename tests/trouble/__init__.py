"""Trouble of each class at each edge, and the connections that most of it comes from."""
