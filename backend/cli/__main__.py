"""`python -m backend.cli` is `azak`."""

from backend.cli import main

main()
