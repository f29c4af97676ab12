"""The members that azak can build, by kind. A new one is a file of this folder and a line here (CONTRIBUTING.md)."""

from typing import Final

from backend.models.members import base_rate, benchmarks, event, gate, knn, language_model, price, size, text
from backend.models.members.member import Member

_ALL: Final = (
    base_rate.MEMBER, price.MEMBER, knn.MEMBER, event.MEMBER, text.MEMBER, size.MEMBER, gate.MEMBER,
    *benchmarks.MEMBERS, language_model.MEMBER,
)  # fmt: skip
MEMBERS: Final[dict[str, Member]] = {member.kind: member for member in _ALL}
