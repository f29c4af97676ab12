"""The models that are language models: one for each that the settings ever named, the one they name now active.

A model of its own for each, because a record is of one forecaster, and because what a language model may have read of
the past ends with its first day here: `models.added_at` is the moment before which it forecasts nothing.
"""

import hashlib
import re
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.models import Model
from backend.db.upsert import upsert
from backend.domain.members import LANGUAGE_MODEL

_UNNAMEABLE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LENGTH: Final = 45


def name_of(language_model: str) -> str:
    """Its name among models: "llm-" and its own, and where that does not fit into a name, a hash of it."""
    fit = _UNNAMEABLE.sub("-", language_model)
    if fit == language_model and len(fit) <= _LENGTH:
        return f"llm-{fit}"
    return f"llm-{fit[:_LENGTH]}-{hashlib.sha256(language_model.encode()).hexdigest()[:8]}"


async def ensure(session: AsyncSession, language_model: str | None) -> str | None:
    """Let the model of this language model forecast and no other, none for None; its name. A new one begins now."""
    name = None if language_model is None else name_of(language_model)
    if language_model is not None:
        row = {"name": name, "kind": LANGUAGE_MODEL, "parameters": {"language_model": language_model}}
        await upsert(session, Model, [row], key=["name"])
    wrong = (Model.kind == LANGUAGE_MODEL) & (Model.is_active != (Model.name == (name or "")))
    if (await session.scalars(select(Model.id).where(wrong))).all():
        await session.execute(update(Model).where(wrong).values(is_active=~Model.is_active))
    return name
