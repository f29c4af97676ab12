"""Models that raised in the newest training or prediction run, which went on without them."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_FAILING = text("""
    SELECT model.name, min(job.kind) AS kind
    FROM (VALUES ('generate_predictions'), ('train_models')) AS job (kind)
    CROSS JOIN LATERAL (
        SELECT id FROM runs WHERE kind = job.kind AND state = 'succeeded' ORDER BY created_at DESC, id DESC LIMIT 1
    ) AS newest
    JOIN run_events AS line ON line.run_id = newest.id
    JOIN models AS model ON model.name = line.data ->> 'set_aside' AND model.is_active
    GROUP BY model.name ORDER BY model.name
""")


@dataclass(frozen=True, slots=True)
class FailingModel:
    """An active model that the newest run of the job `kind` set aside."""

    name: str
    kind: str

    @property
    def reason(self) -> str:
        return (
            f"The model {self.name} fails and is set aside; see 'azak jobs logs {self.kind}', and retire one of your"
            f" own with DELETE /api/models/{self.name}."
        )


async def list_failing_models(session: AsyncSession) -> list[FailingModel]:
    """Failing active models, by name."""
    return [FailingModel(row.name, row.kind) for row in await session.execute(_FAILING)]
