"""What drives prices from outside of azak's own stocks, as stored."""
