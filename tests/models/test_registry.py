"""The table of kinds that services read, and the members that the model process runs, are the same list."""

from backend.domain import members
from backend.domain.members import Role
from backend.models.members.registry import MEMBERS


def test_every_kind_that_people_can_choose_can_be_built() -> None:
    assert list(MEMBERS) == list(members.KINDS)


def test_only_the_gate_combines_the_others() -> None:
    combining = {member.kind for member in MEMBERS.values() if member.combine is not None}
    assert combining == {kind.name for kind in members.TABLE if kind.role is Role.GATE} == {members.FIRST_SHOWN}
    assert all((member.predict is None) == (member.combine is not None) for member in MEMBERS.values())


def test_roles_of_the_first_seven() -> None:
    assert (members.BASE, members.GATED[:2], members.FIRST_SHOWN) == ("base", ("price", "knn"), "gated")
    assert members.BENCHMARKS[:3] == ("momentum", "reversal", "always_up")
