"""The command `azak`. It supervises processes and talks to the running ones; it never loads a model or runs a job."""

from backend.cli.main import main

__all__ = ["main"]
