"""Signing a browser in: a key, or a link that `azak up` prints, is exchanged for an HttpOnly cookie."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field, StringConstraints

from backend.api.deps import COOKIE, Admin, Caller, DatabaseOfApp, SettingsOfApp, audit_write, configured_key
from backend.api.schemas import Body, Item
from backend.db.session import Session
from backend.errors import UnauthorizedError
from backend.services.access import access
from backend.web import SIGN_IN_RESPONSES, WRITE_RESPONSES

router = APIRouter(tags=["session"])
LINK_OVER_PAGE: Final = """<!doctype html>
<html lang="ko"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>azak</title>
<h1>이 로그인 링크는 더 쓸 수 없어요</h1>
<p>링크는 한 번만, 만든 뒤 15분 동안만 쓸 수 있어요. <code>azak sign-in</code>으로 새 링크를 만들거나
<a href="{home}settings">설정에서 키로 로그인</a>해 주세요.
읽기만 한다면 로그인 없이 <a href="{home}">홈</a>을 열어 주세요.</p>
<section lang="en"><h2>This sign-in link is used up</h2>
<p>A link works once, within 15 minutes of being made. Make a new one with <code>azak sign-in</code>, or
<a href="{home}settings">sign in with a key under Settings</a>. Reading needs no sign-in: <a href="{home}">home</a>.</p>
</section>
"""
Secret = Annotated[str, StringConstraints(min_length=8, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class SessionItem(Item):
    """Name and scopes of this browser or key; null and empty without one."""

    name: str | None
    scopes: list[str]


class SignInBody(Body):
    """A key with which to sign in."""

    key: Secret = Field(examples=["azak_..."])


class SignInLinkItem(Item):
    """An address that signs one browser in, once."""

    url: str
    expires_at: datetime


def _home(request: Request) -> str:
    """Path of the first page, with a slash at its end."""
    return f"{request.scope['root_path']}/"


def _item(identity: access.Identity | None) -> dict[str, Any]:
    return {"name": identity and identity.name, "scopes": sorted(identity.scopes) if identity else []}


async def _sign_in(session: Session, request: Request, response: Response, identity: access.Identity) -> None:
    token, _ = await access.add_sign_in(session, identity)
    await audit_write(session, request, identity)
    response.set_cookie(
        COOKIE, token, max_age=int(access.SIGN_IN_LASTS.total_seconds()), path=_home(request),
        httponly=True, samesite="strict", secure=request.url.scheme == "https",
    )  # fmt: skip


@router.get(
    "/api/session",
    response_model=SessionItem,
    responses=SIGN_IN_RESPONSES,
    openapi_extra={"security": [{}]},  # a stranger may ask, too
)
async def get_session(caller: Caller) -> Any:
    """Name and scopes of the caller; no key is needed."""
    return _item(caller)


@router.post("/api/session", response_model=SessionItem, responses=SIGN_IN_RESPONSES)
async def sign_in(
    body: SignInBody, request: Request, response: Response, database: DatabaseOfApp, settings: SettingsOfApp
) -> Any:
    """Exchange a key for a cookie."""
    async with database.write() as session:
        identity = await access.find_identity(session, body.key, configured_key(settings))
        if identity is None:
            raise UnauthorizedError(
                "This key is not valid; it stands in azak.env of the data directory.", kind="invalid-key", field="key"
            )
        await _sign_in(session, request, response, identity)
    return _item(identity)


@router.delete("/api/session", status_code=204)
async def sign_out(request: Request, response: Response, database: DatabaseOfApp) -> None:
    """Forget the cookie of this browser; without one nothing happens."""
    token = request.cookies.get(COOKIE)
    if token is not None:
        async with database.write() as session:
            await access.delete_sign_in(session, token)
    response.delete_cookie(COOKIE, path=_home(request), httponly=True, samesite="strict")


@router.post("/api/session/links", status_code=201, response_model=SignInLinkItem, responses=WRITE_RESPONSES)
async def add_sign_in_link(request: Request, admin: Admin, database: DatabaseOfApp) -> Any:
    """Make an address that signs one browser in, once, within 15 minutes."""
    async with database.write() as session:
        token, expires_at = await access.add_sign_in_link(session, admin)
    return {"url": f"{request.base_url}sign-in?token={token}", "expires_at": expires_at}


@router.get("/sign-in", include_in_schema=False)
async def use_sign_in_link(
    request: Request,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    token: Annotated[str, Query()] = "",
) -> Response:
    """Sign this browser in and show the dashboard; a browser gets a page and a program a problem when it is used up."""
    try:
        async with database.write() as session:
            identity = await access.use_sign_in_link(session, token, configured_key(settings))
            response = RedirectResponse(_home(request), status_code=303)
            await _sign_in(session, request, response, identity)
    except UnauthorizedError:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return HTMLResponse(LINK_OVER_PAGE.format(home=_home(request)), status_code=401, headers={"Vary": "Accept"})
    return response
