"""`/docs`: the page of the OpenAPI document with its style and script; nothing comes from another host."""

from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from backend.api import document

router = APIRouter(include_in_schema=False)
_FOLDER: Final = Path(document.__file__).parent
_TYPES: Final = {"docs.css": "text/css; charset=utf-8", "docs.js": "text/javascript; charset=utf-8"}


@router.get("/docs")
async def reference(request: Request) -> HTMLResponse:
    """Every route with its parameters, bodies and answers, and a form that tries it."""
    from backend.api.document.page import render_page  # noqa: PLC0415  (read when somebody asks for it)

    address = str(request.base_url).rstrip("/")
    return HTMLResponse(render_page(request.app.openapi(), address, request.scope["root_path"]))


@router.get("/docs/{name}")
async def reference_file(name: Literal["docs.css", "docs.js"]) -> Response:
    """The style or the script of the page."""
    return Response((_FOLDER / name).read_bytes(), media_type=_TYPES[name])
