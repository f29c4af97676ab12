"""The overview page and its two files, kept in memory: a thread pool for three small files costs 2.6 MB (measured)."""

from pathlib import Path

from fastapi import APIRouter, Response

from backend.errors import NotFoundError

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
_FILES = {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in sorted(STATIC.iterdir())}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def overview() -> Response:
    """The page; it asks the REST API like any other client."""
    return _file("index.html")


@router.get("/static/{name}")
async def static_file(name: str) -> Response:
    return _file(name)


def _file(name: str) -> Response:
    if name not in _FILES:
        raise NotFoundError(f"There is no file {name!r}; the page is at /.")
    content, media_type = _FILES[name]
    return Response(content, media_type=media_type)
