"""The command `azak`: supervises processes and is a client of their API; it loads no model and runs no job."""

from backend.cli import bytecode
from backend.cli.main import main

__all__ = ["bytecode", "main"]
