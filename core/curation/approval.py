"""When an answer is good enough to learn from: one pure rule over the votes it got."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ApprovalRule:
    """What an admin decides about approval.

    `votes_needed`: how many must have found the answer helpful.
    `reviewers`: where they are named, only their votes approve, and an empty set approves nothing; None: everybody's
    votes do. Everybody's 👎 counts in any case.
    `asker_may_approve`: whether the vote of the person who asked is enough, or counts at all.
    `objection_blocks`: whether a single 👎 keeps the answer out, however many found it helpful.
    """

    votes_needed: int = 1
    reviewers: frozenset[str] | None = None
    asker_may_approve: bool = True
    objection_blocks: bool = True


def is_approved(votes: Mapping[str, int], asker: str, rule: ApprovalRule) -> bool:
    """Whether these votes (person → +1 or -1) approve an answer that `asker` got."""
    if rule.objection_blocks and any(value < 0 for value in votes.values()):
        return False
    counted = {
        person: value
        for person, value in votes.items()
        if (rule.reviewers is None or person in rule.reviewers) and (rule.asker_may_approve or person != asker)
    }
    in_favour = sum(value > 0 for value in counted.values())
    against = sum(value < 0 for value in counted.values())
    return in_favour - against >= rule.votes_needed
