"""A/B tests of two frozen model versions. States: draft -> running -> decided -> archived; at most one test runs.

Versions, horizon, metric, alpha, minimum sessions and seed are fixed with the draft. While a test runs, both versions
keep predicting, even when newer ones have been trained, and each aggregation recomputes its panel of figures
(backend.pipelines.record.ab_test). A decision freezes the panel.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.db.conflicts import named_conflicts
from backend.db.paging import AnyRow, AnySelect, Keyset, Page, fetch_newest
from backend.db.tables.ab_test import AbTest
from backend.db.tables.models import Model, ModelVersion
from backend.domain.forecasts import REST
from backend.domain.members import SCORED_LIVE_ONLY, SIZE
from backend.domain.record import AB_DIRECTION, AB_SIZE
from backend.errors import ConflictError, InvalidInputError, NotFoundError

SIDES: Final = ("A", "B")
_REFUSALS: Final = {
    "draft": "only a draft can be started, so create a new one",
    "running": "only a running one can be stopped or decided, so start a draft first",
    "decided": "only a decided one can be archived, so decide or stop it first",
}
# The part of a panel that lists show; the rest is shown for a single test.
_SUMMARY: Final = ("verdict", "reason", "n", "n_days", "difference", "low", "high", "p_value", "sessions_needed")


@dataclass(frozen=True, slots=True)
class NewAbTest:
    """What is fixed before the first outcome is seen."""

    name: str
    model_version_a: int
    model_version_b: int
    horizon: int
    metric: str
    alpha: float
    minimum_sessions: int


def _seed(name: str) -> int:
    """Seed of the bootstrap: derived from the name, so that nobody can redraw until the interval suits them."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") >> 1


def _tests() -> AnySelect:
    version_a, version_b, model_a, model_b = (
        aliased(ModelVersion),
        aliased(ModelVersion),
        aliased(Model),
        aliased(Model),
    )
    columns = (
        *AbTest.__table__.columns,
        model_a.name.label("model_a"),
        model_b.name.label("model_b"),
        version_a.version.label("version_a"),
        version_b.version.label("version_b"),
    )
    return (
        select(*columns)
        .join(version_a, version_a.id == AbTest.model_version_a)
        .join(version_b, version_b.id == AbTest.model_version_b)
        .join(model_a, model_a.id == version_a.model_id)
        .join(model_b, model_b.id == version_b.model_id)
    )


async def list_ab_tests(session: AsyncSession, keyset: Keyset) -> Page:
    """Newest first."""
    return await fetch_newest(session, _tests(), keyset, by=[AbTest.id], key=lambda row: (row.id,))


async def get_ab_test(session: AsyncSession, test_id: int) -> AnyRow:
    """One test. Raises NotFoundError."""
    row = (await session.execute(_tests().where(AbTest.id == test_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no A/B test {test_id}; list them with GET /api/ab_test.")
    return row


async def add_ab_test(session: AsyncSession, new: NewAbTest) -> AnyRow:
    """Create a draft. Raises InvalidInputError for the same version twice, NotFoundError for an unknown one."""
    wanted = {new.model_version_a, new.model_version_b}
    if len(wanted) == 1:
        raise InvalidInputError(
            "An A/B test needs two different model versions; see GET /api/models/{name}.",
            kind="same-version",
            field="model_version_b",
        )
    query = select(ModelVersion.id, Model.name, Model.kind).join(Model, Model.id == ModelVersion.model_id)
    found = (await session.execute(query.where(ModelVersion.id.in_(wanted)).order_by(Model.name))).all()
    if missing := wanted - {row.id for row in found}:
        raise NotFoundError(f"There is no model version {min(missing)}; see the versions of GET /api/models/{{name}}.")
    _require_subject(new.metric, {row.name: row.kind for row in found})
    _require_horizon(new)
    values = {name: getattr(new, name) for name in new.__slots__} | {"seed": _seed(new.name)}
    with named_conflicts():
        test_id = await session.scalar(insert(AbTest).values(values).returning(AbTest.id))
    assert test_id is not None
    return await get_ab_test(session, test_id)


def _require_subject(metric: str, kinds: Mapping[str, str]) -> None:
    """Refuse a model that does not say what the metric scores: sizes have no side, directions no size."""
    is_of_sizes = metric in AB_SIZE
    other = next((name for name, kind in kinds.items() if (kind == SIZE) is not is_of_sizes), None)
    if other is None:
        return
    remedy = (
        f"it does not say how large a move will be; name versions of {SIZE}, or take {', '.join(AB_DIRECTION[:-1])}"
        f" or {AB_DIRECTION[-1]}"
        if is_of_sizes
        else f"it takes no side; name models that do, or compare sizes by {' or '.join(AB_SIZE)}"
    )
    raise InvalidInputError(
        f"The model {other} cannot be compared by {metric}: {remedy}.",
        kind="no-size" if is_of_sizes else "no-side",
        field="metric",
        values={"model": other},
    )


def _require_horizon(new: NewAbTest) -> None:
    """Refuse a test of directions over the rest of a session, for which no model takes a side: it would never end."""
    if new.horizon == REST and new.metric not in AB_SIZE:
        raise InvalidInputError(
            f"No model takes a side for the rest of a session; name 1, 3 or 5 days, or versions of {SIZE} with"
            f" {' or '.join(AB_SIZE)}.",
            kind="no-side-in-session",
            field="horizon",
        )


async def _move(session: AsyncSession, test_id: int, *, start: str, **values: Any) -> AnyRow:
    """Change a test that is in state `start`. Raises ConflictError when it is in another state."""
    statement = update(AbTest).where(AbTest.id == test_id, AbTest.state == start).values(values)
    with named_conflicts():
        moved = await session.scalar(statement.returning(AbTest.id))
    test = await get_ab_test(session, test_id)
    if moved is None:
        raise ConflictError(f"A/B test {test_id} is {test.state}; {_REFUSALS[start]}.", kind=f"not-{start}")
    return test


async def start_ab_test(session: AsyncSession, test_id: int) -> AnyRow:
    """Start a draft. Raises ConflictError when another test runs, it is no draft, or a model is retired."""
    await _require_active(session, test_id)
    return await _move(session, test_id, start="draft", state="running", started_at=func.now())


async def _require_active(session: AsyncSession, test_id: int) -> None:
    test = await get_ab_test(session, test_id)
    retired = await session.scalar(
        select(func.min(Model.name)).where(Model.name.in_([test.model_a, test.model_b]), ~Model.is_active)
    )
    if retired is not None:
        raise ConflictError(
            f"The model {retired} is retired and predicts nothing; draft a test of two active models.",
            kind="retired-model",
            values={"model": retired},
        )


async def stop_ab_test(session: AsyncSession, test_id: int, *, by: str) -> AnyRow:
    """End a running test without a winner; its versions predict no more and its panel is not recomputed."""
    test = await get_ab_test(session, test_id)
    verdict = (test.verdict or {}) | {"decision": "stopped", "decided_by": by}
    return await _move(session, test_id, start="running", state="decided", decided_at=func.now(), verdict=verdict)


async def decide_ab_test(session: AsyncSession, test_id: int, *, by: str) -> AnyRow:
    """Decide a running test by its current panel. Raises ConflictError before the minimum of sessions."""
    test = await get_ab_test(session, test_id)
    seen = (test.panel or {}).get("n_days", 0)
    if test.state == "running" and seen < test.minimum_sessions:
        raise ConflictError(
            f"A/B test {test_id} has seen {seen} of the {test.minimum_sessions} sessions fixed before its start;"
            " wait, or end it without a winner with POST /api/ab_test/{id}/stop.",
            kind="too-few-sessions",
            values={"seen": seen, "minimum": test.minimum_sessions},
        )
    verdict = (test.verdict or {}) | {"decision": (test.verdict or {}).get("verdict"), "decided_by": by}
    return await _move(session, test_id, start="running", state="decided", decided_at=func.now(), verdict=verdict)


async def archive_ab_test(session: AsyncSession, test_id: int) -> AnyRow:
    """Archive a decided test. Raises ConflictError when it is in another state."""
    return await _move(session, test_id, start="decided", state="archived")


async def promote(session: AsyncSession, test_id: int) -> AnyRow:
    """Make the winning model the one that is shown. Raises ConflictError without a winner, or of one never shown."""
    test = await get_ab_test(session, test_id)
    won = (test.verdict or {}).get("decision")
    if test.state != "decided" or won not in SIDES:
        raise ConflictError(
            f"A/B test {test_id} has no winner to promote; decide one whose verdict is A or B.", kind="no-winner"
        )
    name = test.model_a if won == "A" else test.model_b
    if test.metric in AB_SIZE:
        raise ConflictError(
            f"A/B test {test_id} is of sizes, and what people see is chosen by direction; to let its winner speak of"
            f" sizes, put {name} back to that version with POST /api/models/{name}/rollback.",
            kind="size-shown",
            values={"model": name},
        )
    if await session.scalar(select(Model.kind).where(Model.name == name)) in SCORED_LIVE_ONLY:
        raise ConflictError(
            f"{name} forecasts for its record alone and is never what people see; test two models that are no language"
            " model and promote the winner.",
            kind="shadow-shown",
            values={"model": name},
        )
    await session.execute(update(Model).where(Model.is_shown).values(is_shown=False))
    await session.execute(update(Model).where(Model.name == name).values(is_shown=True))
    await session.execute(update(AbTest).where(AbTest.id == test_id).values(promoted_at=func.now()))
    return await get_ab_test(session, test_id)


async def assign(session: AsyncSession, test_id: int, viewer: str) -> dict[str, Any]:
    """Assign a viewer to one of the versions: half of the viewers each, stable by a hash of test and viewer."""
    test = await get_ab_test(session, test_id)
    bucket = int.from_bytes(hashlib.sha256(f"{test_id}:{viewer}".encode()).digest()[:8], "big") % 100
    return {"test_id": test_id, "bucket": bucket, "model_version_id": _version(test, bucket)}


def _version(test: AnyRow, bucket: int) -> int:
    version: int = test.model_version_a if bucket < 50 else test.model_version_b
    return version


async def list_running(session: AsyncSession) -> Sequence[AnyRow]:
    """The running test, if there is one."""
    return (await session.execute(_tests().where(AbTest.state == "running"))).all()


async def record_panel(session: AsyncSession, test_id: int, panel: Mapping[str, Any], *, digest: str) -> int:
    """Store the panel of a running test. Returns 1, or 0 when the same panel is stored already."""
    fresh = (AbTest.id == test_id, AbTest.state == "running", AbTest.panel_hash.is_distinct_from(digest))
    verdict = {name: panel[name] for name in _SUMMARY}
    values = {"panel": json.loads(json.dumps(panel)), "panel_hash": digest, "verdict": verdict}
    statement = update(AbTest).where(*fresh).values(values | {"computed_at": func.now()}).returning(AbTest.id)
    return 0 if await session.scalar(statement) is None else 1
