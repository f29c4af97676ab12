"""Addresses that azak may send to: a name is resolved once, judged, and connected to by that same address.

Without the pin a name may be public when it is judged and private when it is connected to (DNS rebinding). An IPv6
address may carry an IPv4 one in several ways; what it carries is judged, too.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from typing import Final

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: str) -> bool:
    """Whether an address, and the one that it carries, belongs to the public internet."""
    return all(found.is_global and not found.is_multicast for found in _meant(ipaddress.ip_address(address)))


def _meant(address: Address) -> Iterator[Address]:
    """The address itself, and the IPv4 addresses inside of it; one that is mapped is only that."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    else:
        yield address
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
        if address in _NAT64:
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the order of the system. Raises OSError when it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def take_turns(found: Sequence[str]) -> list[str]:
    """The same addresses, the two families by turns: where one leads nowhere the second try is of the other one."""
    first = [address for address in found if (":" in address) == (":" in found[0])]
    other = [address for address in found if address not in first]
    return [address for address in chain.from_iterable(zip_longest(first, other)) if address is not None]
