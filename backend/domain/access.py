"""What a key may do."""

from typing import Final

# What a key may do: ask, change and start things, make and revoke keys.
SCOPES: Final = ("read", "write", "admin")
