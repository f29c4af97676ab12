"""KIS's master files: fixed-width cp949 lines in a ZIP, one file per market."""

import io
import zipfile
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from backend.demo.world.stocks import DemoStock
from backend.demo.world.world import World
from backend.domain.market import Market

NAME_BYTES: Final = 40
# Length of a line's tail, offset of the three flags (halted, liquidation, managed), offset of the listing day.
_LAYOUTS: Final = {Market.KOSPI: (227, 60, 105), Market.KOSDAQ: (221, 55, 100)}
_STAMP: Final = (2026, 11, 2, 7, 0, 0)  # fixed, so that the bytes are reproducible


def master_file(world: World, request: Request) -> Response:
    """GET /kis-master/common/master/{market}_code.mst.zip."""
    market = Market(request.path_params["market"].upper())
    number = world.sessions.newest(world.now())
    listed = [stock for stock in world.stocks.values() if stock.market is market]
    lines = [_line(stock, market, halted=world.market.is_halted(stock.code, number)) for stock in listed]
    lines.append(_line_of("F70100022", "TIGER 200", "EF", market))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{market.lower()}_code.mst", _STAMP), b"".join(lines))
    return Response(packed.getvalue(), headers={"content-type": "application/zip"})


def _line(stock: DemoStock, market: Market, *, halted: bool) -> bytes:
    return _line_of(stock.code, stock.name, "ST", market, halted=halted)


def _line_of(code: str, name: str, group: str, market: Market, *, halted: bool = False) -> bytes:
    length, flags, listed = _LAYOUTS[market]
    tail = bytearray(group.encode().ljust(length, b"0"))
    tail[flags : flags + 3] = b"YNN" if halted else b"NNN"
    tail[listed : listed + 8] = b"20000103"
    head = code.encode().ljust(9) + f"KR7{code[:6]}003".encode().ljust(12) + name.encode("cp949").ljust(NAME_BYTES)
    return head + bytes(tail) + b"\n"
