"""Sources of what the world's markets did."""
