"""What members may do, as a whole table; and what a book knows of its people."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from decimal import Decimal
from uuid import UUID

import pytest

from core.domain.money import Money
from core.domain.people import IN_ARCHIVE, RIGHTS, Action, Book, BookKind, DefaultSplit, Grant, Member, Role, Rules, may

ANNA, BOB, CARL, DAN = (UUID(int=number) for number in range(1, 5))
WRITES = {Action.RECORD, Action.SETTLE, Action.COMMENT, Action.ARRANGE}


def person(member_id: UUID, name: str, role: Role = Role.MEMBER, **more: object) -> Member:
    return replace(Member(member_id, name, UUID(int=member_id.int + 100), role=role), **more)  # type: ignore[arg-type]


def book(*members: Member, kind: BookKind = BookKind.GROUP, rules: Rules = Rules(), **more: object) -> Book:  # a frozen value
    made = Book(UUID(int=9), kind, "trip", "EUR", True, DefaultSplit.EVERYONE, "en", "UTC", members, rules=rules)
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_table_is_complete():
    assert set(RIGHTS) == set(Action)
    assert all(set(row) == {*Role, None} for row in RIGHTS.values())


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("own_only", [True, False])
@pytest.mark.parametrize("archived", [True, False])
def test_every_cell(action: Action, role: Role | None, own: bool, own_only: bool, archived: bool):
    """Said anew in other words than the table's."""
    allowed = may(role, action, own=own, rules=Rules(own_only=own_only, archived=archived))
    if archived and action not in (Action.READ, Action.LEAVE, Action.GOVERN):
        expected = False
    elif role is None:
        expected = action is Action.READ or (action is Action.SETTLE and own)
    elif action in (Action.READ, Action.LEAVE):
        expected = True
    elif role is Role.VIEWER:
        expected = False
    elif action is Action.GOVERN:
        expected = role is Role.ADMIN
    elif action is Action.APPROVE:
        expected = not own
    elif action is Action.CHANGE:
        expected = role is Role.ADMIN or own or not own_only
    else:
        assert action in WRITES
        expected = True
    assert allowed is expected


def test_nobody_gains_by_a_lower_role():
    rank = [Grant.NO, Grant.RULED, Grant.OTHERS, Grant.YES]
    for row in RIGHTS.values():
        assert rank.index(row[Role.VIEWER]) <= rank.index(row[Role.MEMBER]) <= rank.index(row[Role.ADMIN]) or row[Role.VIEWER] is Grant.YES
    assert {Action.READ, Action.GOVERN, Action.LEAVE} == IN_ARCHIVE


def test_alone_everything_is_allowed_but_to_approve_oneself():
    anna = person(ANNA, "anna", Role.VIEWER)
    alone = book(anna, kind=BookKind.PERSONAL, rules=Rules(own_only=True))
    assert {action for action in Action if not alone.may(anna, action)} == {Action.APPROVE}


def test_who_left_may_look_and_settle_what_is_theirs_whatever_they_were():
    anna, bob = person(ANNA, "anna", Role.ADMIN, active=False), person(BOB, "bob", Role.ADMIN)
    for role in Role:
        group = book(replace(anna, role=role), bob)
        allowed = {action for action in Action if group.may(group.members[0], action, owners=[ANNA])}
        assert allowed == {Action.READ, Action.SETTLE}
        assert not group.may(group.members[0], Action.SETTLE, owners=[BOB])


def test_owners_are_compared_by_member():
    anna, bob = person(ANNA, "anna", Role.ADMIN), person(BOB, "bob")
    group = book(anna, bob, rules=Rules(own_only=True))
    assert group.may(bob, Action.CHANGE, owners=[BOB])
    assert not group.may(bob, Action.CHANGE, owners=[ANNA])
    assert not group.may(anna, Action.APPROVE, owners=[ANNA])
    assert group.may(anna, Action.APPROVE, owners=[BOB])


def test_where_no_admin_is_left_the_oldest_who_writes_is_one():
    left, viewer, bob, guest = (
        person(ANNA, "anna", Role.ADMIN, active=False),
        person(CARL, "carl", Role.VIEWER),
        person(BOB, "bob"),
        Member(DAN, "dan"),
    )
    group = book(left, guest, viewer, bob)
    assert [admin.name for admin in group.admins()] == ["bob"]
    assert group.role_of(viewer) is Role.VIEWER
    assert [admin.name for admin in book(left, viewer).admins()] == ["carl"]
    assert book(left, guest).admins() == ()


def test_who_is_the_same_counts_for_who_stays():
    anna, carl, charlie = person(ANNA, "anna"), Member(CARL, "carl"), Member(DAN, "charlie", same_as=CARL, active=False, household=ANNA)
    group = book(anna, carl, charlie, default_weights={"": {ANNA: Decimal(1), CARL: Decimal(1), DAN: Decimal(2)}})
    assert group.named("charlie") == carl
    assert group.holder("charlie") == charlie
    assert group.weights_for("dinner") == {ANNA: Decimal(1), CARL: Decimal(3)}
    assert group.units() == ()


def test_who_is_the_same_as_one_who_is_the_same_leads_to_the_last():
    third = book(person(ANNA, "anna"), Member(BOB, "bob", same_as=CARL), Member(CARL, "carl", same_as=ANNA))
    assert third.first(third.member(BOB)).member_id == ANNA
    assert [member.name for member in third.positions_of(UUID(int=ANNA.int + 100))] == ["anna", "bob", "carl"]


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [((22, 8), ["22:00", "23:59", "00:00", "07:59"], ["08:00", "12:00", "21:59"]), ((13, 15), ["13:00", "14:59"], ["12:59", "15:00", "00:00"])],
)
def test_quiet_hours_may_lie_over_midnight(hours: tuple[int, int], quiet: list[str], loud: list[str]):
    rules = Rules(quiet=(time(hours[0]), time(hours[1])), approve_over=Money(100, "EUR"))
    assert all(rules.is_quiet(time.fromisoformat(at)) for at in quiet)
    assert not any(rules.is_quiet(time.fromisoformat(at)) for at in loud)
    assert not Rules().is_quiet(time(3))
