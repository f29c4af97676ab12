"""How azak gets to PostgreSQL: a connection, the pools of them, and how many there may be."""
