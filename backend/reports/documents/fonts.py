"""Finds a Korean font on this machine, for PDF: the usual places of Linux, macOS and Windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.errors import MissingFontError

NO_FONT: Final = 3  # exit code of a process that looked for one
# A font that stands in a collection is named by its number there.
_NOTO, _NANUM = "/usr/share/fonts/opentype/noto", "/usr/share/fonts/truetype/nanum"


@dataclass(frozen=True, slots=True)
class Font:
    """Files of the regular and the bold face; `number`: of the face in a collection."""

    regular: Path
    bold: Path
    number: int = 0


CANDIDATES: Final[tuple[Font, ...]] = (
    Font(Path(_NANUM, "NanumGothic.ttf"), Path(_NANUM, "NanumGothicBold.ttf")),
    Font(Path(_NANUM, "NanumBarunGothic.ttf"), Path(_NANUM, "NanumBarunGothicBold.ttf")),
    Font(Path(_NOTO, "NotoSansCJK-Regular.ttc"), Path(_NOTO, "NotoSansCJK-Bold.ttc"), 1),
    Font(Path("C:/Windows/Fonts/malgun.ttf"), Path("C:/Windows/Fonts/malgunbd.ttf")),
    Font(Path("/System/Library/Fonts/AppleSDGothicNeo.ttc"), Path("/System/Library/Fonts/AppleSDGothicNeo.ttc")),
    Font(Path("/Library/Fonts/NanumGothic.ttf"), Path("/Library/Fonts/NanumGothicBold.ttf")),
)


def find_font(candidates: Sequence[Font] = CANDIDATES) -> Font:
    """The first font that is here; one without a bold face stands for it, too. Raises MissingFontError."""
    for font in candidates:
        if font.regular.is_file():
            return font if font.bold.is_file() else Font(font.regular, font.regular, font.number)
    raise MissingFontError
