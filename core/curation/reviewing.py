"""What the settings say about approval and review, read anew for each decision: user groups change."""

from dataclasses import dataclass, field

from core.curation.approval import ApprovalRule
from core.errors import NotAllowed
from core.records.reviews import Reader
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import PUBLIC


@dataclass(frozen=True)
class Reviewing:
    """Who approves, and how.

    `people` and `groups` name the reviewers, `groups` by the ids of Slack's user groups; without either every vote
    counts, and the admins review.
    """

    record: Record
    votes_needed: int = 1
    people: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    admins: frozenset[str] = field(default=frozenset())
    asker_may_approve: bool = True
    objection_blocks: bool = True

    def rule(self, workspace_id: str) -> ApprovalRule:
        """The approval rule as it is now."""
        with self.record() as work:
            reviewers = self._named(work, workspace_id)
        return ApprovalRule(self.votes_needed, reviewers, self.asker_may_approve, self.objection_blocks)

    def may_review(self, work: UnitOfWork, workspace_id: str, person_id: str) -> bool:
        """Whether this person decides on what was proposed."""
        person = work.workspaces.person(workspace_id, person_id)
        if person is not None and (person.left or person.is_bot):
            return False
        named = self._named(work, workspace_id)
        if named is not None:
            return person_id in named
        return person_id in self.admins or (person is not None and person.is_admin)

    def require_reviewer(self, work: UnitOfWork, workspace_id: str, person_id: str) -> None:
        """Raises NotAllowed for somebody who is no reviewer."""
        if not self.may_review(work, workspace_id, person_id):
            who = "its admins" if self._named(work, workspace_id) is None else "its reviewers"
            raise NotAllowed(f"In this workspace only {who} decide on what I learn. Ask one of them to look at it.")

    def _named(self, work: UnitOfWork, workspace_id: str) -> frozenset[str] | None:
        if not self.people and not self.groups:
            return None
        return self.people | work.user_groups.members(workspace_id, self.groups)


def reader_of(work: UnitOfWork, workspace_id: str, person_id: str) -> Reader:
    """What this person may read of what others proposed: what is public, and the private channels they are in.

    Guests, and people whom the record does not know, read nothing of others.
    """
    person = work.workspaces.person(workspace_id, person_id)
    if person is None or person.is_guest:
        return Reader(workspace_id, person_id, frozenset())
    member_of = work.workspaces.channels_of(workspace_id, person_id)
    # A public channel's id as an audience means words whispered there to one person: a membership opens none of them.
    private = {
        channel.id
        for channel in work.workspaces.channels(workspace_id)
        if channel.id in member_of and channel.audience == channel.id and channel.deleted_at is None
    }
    return Reader(workspace_id, person_id, frozenset({PUBLIC, *private}))
