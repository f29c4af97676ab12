"""What is outside of the Korean exchange and of azak: feeds that end, and the world overnight."""
