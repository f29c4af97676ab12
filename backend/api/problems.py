"""What the `type` of a problem stands for: `/problems/{code}`, as JSON for programs and as a page for people."""

from dataclasses import asdict
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse

from backend.api.schemas import Item
from backend.errors import NotFoundError
from backend.web import ProblemKind, problem_kinds

router = APIRouter(prefix="/problems", tags=["problems"])
Code = Annotated[str, Path(pattern="^[a-z-]{1,60}$", description="Last part of `type`.", examples=["invalid-input"])]


class ProblemKindItem(Item):
    """A kind of problem. Names in braces in `detail` are told by each problem, as its `values`."""

    code: str
    status: int
    title: str
    detail: str


class ProblemKinds(Item):
    items: list[ProblemKindItem]


@router.get("", response_model=ProblemKinds)
async def list_problem_kinds() -> Any:
    """Every kind of problem that azak answers with."""
    return {"items": [asdict(kind) for kind in problem_kinds()]}


@router.get("/{code}", response_model=ProblemKindItem)
async def get_problem_kind(request: Request, response: Response, code: Code) -> Any:
    """One kind of problem: the address in `type` of a problem; a browser gets a page."""
    kind = next((kind for kind in problem_kinds() if kind.code == code), None)
    if kind is None:
        raise NotFoundError(f"There is no kind of problem {code!r}; GET /problems lists them.")
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_page(kind, request.scope["root_path"]), headers={"Vary": "Accept"})
    response.headers["Vary"] = "Accept"
    return asdict(kind)


def _page(kind: ProblemKind, base: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        '<meta name="viewport" content="width=device-width">'
        f'<link rel="stylesheet" href="{escape(base)}/docs/docs.css">'
        f"<title>{escape(kind.title)}: azak</title><main><h1>{escape(kind.title)}</h1>"
        f"<p>{escape(kind.detail)}</p><p>HTTP status <code>{kind.status}</code>, code <code>{escape(kind.code)}</code>."
        f' <a href="{escape(base)}/docs">REST API</a></p></main>'
    )
