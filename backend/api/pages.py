"""The dashboard as built by `azak dashboard` (dashboard/dist), kept gzipped in memory.

Tried: Starlette's StaticFiles with its gzip layer. It compresses each answer again (2,850 us for a file of 60 kB, ours
65), starts a thread pool (2.6 MB), and forgets the files of the last build, for which open tabs still ask. Only names
found in the folder are served, so no path leads out of it. Files with a hash in their name never change; a new build is
noticed when the page is asked for. The page itself is one file for all of its paths (dashboard/src/route.ts); every
other path stays unknown. Of a call and a report the page tells its title, and that there is none with its status.
"""

import gzip
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from backend.api.page_heads import Head, read_head
from backend.config import DASHBOARD_DIST
from backend.errors import NotFoundError

PAGE: Final = "index.html"
PATHS: Final = (
    "/", "/stock/{code}", "/news", "/news/{news_id}", "/models", "/operations", "/operations/{run_id}", "/settings",
    "/settings/{subject}",
)  # fmt: skip
HEADED: Final = ("/call/{row_id}", "/report/{row_id}")
_BASE: Final = b'<base href="/"'
# Not the `mimetypes` of the machine: where they call .js text/plain, the page stays blank.
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_MISSING: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>azak</title>
<h1>The dashboard is not built yet</h1>
<p>Run <code>azak dashboard</code> (it needs npm, or uv), then load this address again.</p>
<p lang="ko">화면을 아직 만들지 않았어요. <code>azak dashboard</code>를 실행한 뒤 다시 열어 주세요.</p>
<p>The REST API works without it: <a href="{home}api/dashboard">/api/dashboard</a>,
<a href="{home}openapi.json">/openapi.json</a>.</p>
"""

router = APIRouter(include_in_schema=False)


@dataclass
class Dist:
    """The built files of one folder by name, gzipped; `index.html` and all of `assets/`."""

    folder: Path
    _files: dict[str, bytes] = field(default_factory=dict)
    _read_at: float | None = None

    def refresh(self) -> None:
        """Read the folder again if it holds another build than the last time."""
        page = self.folder / PAGE
        changed_at = page.stat().st_mtime if page.exists() else None
        if changed_at is None or changed_at == self._read_at:
            return
        for path in (page, *sorted((self.folder / "assets").glob("*"))):
            if path.suffix in _TYPES:
                self._files[path.name] = gzip.compress(path.read_bytes(), mtime=0)
        self._read_at = changed_at

    def get(self, name: str) -> bytes | None:
        """The gzipped bytes of a file. An unknown name may be of a newer build, so the folder is read again."""
        if name not in self._files:
            self.refresh()
        return self._files.get(name)

    def page(self, base: str) -> bytes | None:
        """The gzipped page as it is served under the path `base` ("" or "/azak"); None without a build."""
        self.refresh()
        packed = self._files.get(PAGE)
        if packed is None or not base:
            return packed
        return gzip.compress(gzip.decompress(packed).replace(_BASE, f'<base href="{base}/"'.encode()), mtime=0)


_dist = Dist(DASHBOARD_DIST)


def _answer(request: Request, packed: bytes, name: str, cache_control: str, status: int = 200) -> Response:
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    kind = _TYPES[Path(name).suffix]
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, status, media_type=kind, headers=headers | {"Content-Encoding": "gzip"})
    return Response(gzip.decompress(packed), status, media_type=kind, headers=headers)


def _page(request: Request, head: Head | None) -> Response:
    base = request.scope["root_path"]
    packed = _dist.page(base)
    if packed is None:
        return Response(_MISSING.format(home=f"{base}/"), media_type=_TYPES[".html"])
    if head is None:
        return _answer(request, packed, PAGE, "no-cache")
    written = gzip.compress(head.write_into(gzip.decompress(packed)), mtime=0)
    return _answer(request, written, PAGE, "no-cache", head.status)


async def page(request: Request) -> Response:
    """The page; it asks the REST API like any other client. Without a build, how to make one."""
    return _page(request, None)


async def headed_page(request: Request) -> Response:
    """The same with the title and status of the call or report it is about, unless reading needs a key."""
    state = request.app.state
    if not state.settings.api.open_reads:
        return _page(request, None)
    kind = request.url.path.removeprefix(request.scope["root_path"]).split("/")[1]
    return _page(request, await read_head(state.database, kind, request.path_params["row_id"]))


# Not as routes of the API, which refuse parameters that they do not know: the page has filters in its address.
for path in PATHS:
    router.add_route(path, page)
for path in HEADED:
    router.add_route(path, headed_page)


@router.get("/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """A file whose name holds the hash of its bytes."""
    packed = _dist.get(name) if name != PAGE else None
    if packed is None:
        raise NotFoundError(f"There is no file {name!r}; the page is at /.")
    return _answer(request, packed, name, _IMMUTABLE)
