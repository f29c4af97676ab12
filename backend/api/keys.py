"""API keys: made, listed and revoked with the scope admin."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from backend.api.deps import Admin, AdminReader, ReadSession, WriteSession
from backend.api.schemas import Body, IsoMoment, Item, Name
from backend.services.access import access
from backend.web import SIGN_IN_RESPONSES, WRITE_RESPONSES

router = APIRouter(prefix="/api/keys", tags=["keys"])
Scope = Literal["read", "write", "admin"]


class KeyItem(Item):
    """A key without its secret. `read` matters while AZAK_API_OPEN_READS is false."""

    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKeyItem(KeyItem):
    """The only answer that ever holds the key."""

    key: str


class Keys(Item):
    items: list[KeyItem]


class NewKey(Body):
    """A key to make; its holder may do what the scopes say until `expires_at`."""

    name: Name = Field(examples=["phone"])
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3, examples=[["read", "write"]])]
    expires_at: IsoMoment | None = None


@router.get("", response_model=Keys, responses=SIGN_IN_RESPONSES)
async def list_keys(_: AdminReader, session: ReadSession) -> Any:
    """Every key ever made, newest first."""
    return {"items": await access.list_keys(session)}


@router.post("", status_code=201, response_model=NewKeyItem, responses=WRITE_RESPONSES)
async def add_key(body: NewKey, _: Admin, session: WriteSession) -> Any:
    """Make a key; it is shown this once."""
    row, key = await access.add_key(
        session, name=body.name, scopes=sorted(set(body.scopes)), expires_at=body.expires_at
    )
    return {**KeyItem.model_validate(row).model_dump(), "key": key}


@router.post("/{key_id}/revoke", response_model=KeyItem, responses=WRITE_RESPONSES)
async def revoke_key(key_id: UUID, _: Admin, session: WriteSession) -> Any:
    """End a key and every browser signed in with it; again changes nothing."""
    return await access.revoke_key(session, key_id)
