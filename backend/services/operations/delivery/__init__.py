"""The outbox of azak: each thing is told once to each channel, and kept until it is delivered."""
