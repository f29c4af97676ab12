"""Comparisons of two frozen model versions; at most one runs."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.db.tables.ab_test import AbTest
from backend.db.tables.models import Model, ModelVersion
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.services.conflicts import named_conflicts
from backend.services.paging import AnyRow, AnySelect, Keyset, Page, fetch_newest


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
    """Draft a test. Raises InvalidInputError for one version twice, NotFoundError for an unknown one."""
    wanted = {new.model_version_a, new.model_version_b}
    if len(wanted) == 1:
        raise InvalidInputError("An A/B test needs two different model versions; see GET /api/models/{name}.")
    found = set((await session.scalars(select(ModelVersion.id).where(ModelVersion.id.in_(wanted)))).all())
    if missing := wanted - found:
        raise NotFoundError(f"There is no model version {min(missing)}; see the versions of GET /api/models/{{name}}.")
    values = {name: getattr(new, name) for name in new.__slots__}
    with named_conflicts():
        test_id = await session.scalar(insert(AbTest).values(values).returning(AbTest.id))
    assert test_id is not None
    return await get_ab_test(session, test_id)


async def start_ab_test(session: AsyncSession, test_id: int) -> AnyRow:
    """Let a draft run. Raises ConflictError when another one runs or this one is no draft."""
    draft = (AbTest.id == test_id, AbTest.state == "draft")
    statement = update(AbTest).where(*draft).values(state="running", started_at=func.now()).returning(AbTest.id)
    with named_conflicts():
        started = await session.scalar(statement)
    test = await get_ab_test(session, test_id)
    if started is None:
        raise ConflictError(f"A/B test {test_id} is {test.state}; only a draft can be started, so create a new one.")
    return test
