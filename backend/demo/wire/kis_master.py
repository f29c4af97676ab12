"""KIS's master files: fixed-width cp949 lines in a ZIP, one file per market, new every session morning.

After the close of a session the files are those of the next one. Beside the stocks of the world KOSPI lists a fund and
a shipyard that gets another name in the second session after the start, and KONEX one stock; nobody quotes those.
"""

import io
import zipfile
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from backend.demo.world.chance import chance
from backend.demo.world.world import World
from backend.domain.market import Market

NAME_BYTES: Final = 40
# Length of a line's tail, and where the base price begins in it; from there on the markets' layouts are the same.
_LAYOUTS: Final = {Market.KOSPI: (227, 41), Market.KOSDAQ: (221, 36), Market.KONEX: (184, 2)}
_FLAGS, _CLASSES, _VOLUME, _PAR, _LISTED, _SHARES, _PREFERRED = 19, 27, 40, 52, 64, 72, 117
_STAMP: Final = (2026, 11, 2, 7, 0, 0)  # fixed, so that the bytes are reproducible
# What is listed without being in the world: market, code, group, name, and the name it has later.
_LISTED_ONLY: Final = (
    (Market.KOSPI, "069500", "EF", "KODEX 200", "KODEX 200"),
    (Market.KOSPI, "042660", "ST", "대우조선해양", "한화오션"),
    (Market.KOSPI, "F70100022", "BC", "성장테마1호(A)", "성장테마1호(A)"),
    (Market.KONEX, "217320", "ST", "썬테크", "썬테크"),
)
_RENAMED_AFTER: Final = 1


@dataclass(frozen=True, slots=True)
class _Line:
    code: str
    group: str
    name: str
    base_krw: int
    volume: int
    halted: bool = False


def master_file(world: World, request: Request) -> Response:
    """GET /kis-master/common/master/{market}_code.mst.zip."""
    market = Market(request.path_params["market"].upper())
    lines = [_line(line, market) for line in _list_lines(world, market)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{market.lower()}_code.mst", _STAMP), b"".join(lines))
    return Response(packed.getvalue(), headers={"content-type": "application/zip"})


def _list_lines(world: World, market: Market) -> list[_Line]:
    now = world.now()
    number = world.sessions.newest(now)
    is_over = world.sessions.fraction(number, now) >= 1
    session = number + is_over
    found = []
    for stock in (stock for stock in world.stocks.values() if stock.market is market):
        bar = world.market.bar(stock.code, number)
        before = bar if is_over else world.market.bar(stock.code, number - 1)
        base = bar.close if is_over else bar.base
        halted = world.market.is_halted(stock.code, session)
        found.append(_Line(stock.code, "ST", stock.name, int(base), before.volume, halted))
    for listed, code, group, name, later in _LISTED_ONLY:
        if listed is market:
            rng = chance(world.seed, "listed", code, session)
            told = later if session > world.sessions.count + _RENAMED_AFTER else name
            found.append(_Line(code, group, told, rng.randrange(20_000, 30_000, 50), rng.randrange(1_000, 90_000)))
    return found


def _line(line: _Line, market: Market) -> bytes:
    length, base = _LAYOUTS[market]
    tail = bytearray(line.group.encode().ljust(length, b"0"))

    def put(after_base: int, digits: str) -> None:
        tail[base + after_base : base + after_base + len(digits)] = digits.encode()

    put(0, f"{line.base_krw:09}")
    put(_FLAGS, "YNN" if line.halted else "NNN")
    put(_CLASSES, "000000")
    put(_VOLUME, f"{line.volume:012}")
    put(_PAR, f"{5_000:012}")
    put(_LISTED, "20000103")
    put(_SHARES, f"{100_000:015}")
    put(_PREFERRED, "0")
    isin = f"KR7{line.code[:6]}003"
    return (line.code.ljust(9) + isin.ljust(12)).encode() + line.name.encode("cp949").ljust(NAME_BYTES) + tail + b"\n"
