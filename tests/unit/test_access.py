"""The access rules of the design, as a table, and what fails closed."""

import pytest

from core.knowledge.access import AccessScope, audiences_for, scope_for
from core.knowledge.channels import (
    ChannelFacts,
    PersonFacts,
    bot_ejected,
    bot_joined,
    learn_channel,
    learn_members,
    learn_people,
    members_are_stale,
)
from core.records.unit_of_work import Record
from core.records.workspaces import PUBLIC, Channel, ChannelKind

MINE = frozenset({"G1", "G2"})


@pytest.mark.parametrize(
    ("kind", "shared_outside", "ephemeral", "expected"),
    [
        (ChannelKind.PUBLIC, False, False, {PUBLIC}),
        (ChannelKind.PRIVATE, False, False, {PUBLIC, "here"}),
        (ChannelKind.GROUP_DM, False, False, {PUBLIC, "here"}),
        (ChannelKind.DM, False, False, {PUBLIC, *MINE}),
        (ChannelKind.PUBLIC, True, False, {"here"}),
        (ChannelKind.PRIVATE, True, False, {"here"}),
        (ChannelKind.PUBLIC, False, True, {PUBLIC, *MINE}),
        (ChannelKind.PRIVATE, False, True, {PUBLIC, *MINE}),
    ],
)
def test_everyone_who_sees_the_reply_may_read_its_sources(
    kind: ChannelKind, shared_outside: bool, ephemeral: bool, expected: set[str]
) -> None:
    channel = Channel(workspace_id="T1", id="here", kind=kind, shared_outside=shared_outside)
    assert audiences_for(channel, MINE, ephemeral=ephemeral) == expected


@pytest.fixture
def workspace(sqlite_record: Record) -> Record:
    learn_channel(sqlite_record, "T1", ChannelFacts("C1", ChannelKind.PUBLIC, "general"))
    learn_channel(sqlite_record, "T1", ChannelFacts("G1", ChannelKind.PRIVATE, "leads"))
    learn_channel(sqlite_record, "T1", ChannelFacts("D1", ChannelKind.DM))
    learn_members(sqlite_record, "T1", "G1", ["U1", "UGUEST"])
    learn_members(sqlite_record, "T1", "D1", ["U1"])
    learn_people(sqlite_record, "T1", [PersonFacts("U1", "Ana"), PersonFacts("U2", "Ben")])
    learn_people(sqlite_record, "T1", [PersonFacts("UGUEST", "Gus", is_guest=True)])
    return sqlite_record


def scope(record: Record, channel: str, person: str, *, ephemeral: bool = False) -> AccessScope:
    with record() as work:
        return scope_for(work, "T1", channel, person, ephemeral=ephemeral)


def test_a_direct_message_sees_the_private_channels_that_the_asker_is_in(workspace: Record) -> None:
    assert scope(workspace, "D1", "U1").audiences == {PUBLIC, "G1", "D1"}
    assert scope(workspace, "D1", "U2").audiences == {PUBLIC}


def test_leaving_a_private_channel_closes_it_at_once(workspace: Record) -> None:
    learn_members(workspace, "T1", "G1", ["U2"])
    assert "G1" not in scope(workspace, "D1", "U1").audiences


@pytest.mark.parametrize("person", ["U1", "UGUEST"])
def test_a_private_channel_that_archiving_took_the_bot_out_of_is_closed_until_it_is_back(
    workspace: Record, person: str
) -> None:
    bot_ejected(workspace, "T1", "G1")
    assert not scope(workspace, "D1", person, ephemeral=True).admits("G1", "G1")
    assert members_are_stale(workspace, "T1", "G1", 3_600)
    bot_joined(workspace, "T1", "G1", ChannelKind.PRIVATE)
    assert scope(workspace, "D1", person, ephemeral=True).admits("G1", "G1")


def test_an_archived_public_channel_stays_open(workspace: Record) -> None:
    bot_ejected(workspace, "T1", "C1")
    assert scope(workspace, "D1", "U2").admits(PUBLIC, "C1")


def test_an_unknown_channel_sees_nothing(workspace: Record) -> None:
    assert scope(workspace, "CNEW", "U1").audiences == frozenset()


@pytest.mark.parametrize("person", ["UGUEST", "UNKNOWN"])
def test_a_guest_and_a_stranger_see_only_what_was_heard_in_their_channels(workspace: Record, person: str) -> None:
    narrowed = scope(workspace, "C1", person, ephemeral=True)
    assert not narrowed.admits(PUBLIC, "C1")
    assert narrowed.admits("G1", "G1") is (person == "UGUEST")
