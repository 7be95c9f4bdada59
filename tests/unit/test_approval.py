"""The approval rule, as the table of cases that an admin would ask about."""

from collections.abc import Mapping

import pytest

from core.curation.approval import ApprovalRule, is_approved

ASKER = "asker"
DEFAULT = ApprovalRule()
TWO = ApprovalRule(votes_needed=2)
REVIEWED = ApprovalRule(reviewers=frozenset({"rita"}))
NOBODY_KNOWN = ApprovalRule(reviewers=frozenset())
OTHERS_ONLY = ApprovalRule(asker_may_approve=False)
MAJORITY = ApprovalRule(objection_blocks=False)


@pytest.mark.parametrize(
    ("rule", "votes", "approved"),
    [
        (DEFAULT, {}, False),
        (DEFAULT, {ASKER: 1}, True),
        (DEFAULT, {"ben": 1}, True),
        (DEFAULT, {ASKER: -1}, False),
        (DEFAULT, {"ben": 1, "chloe": 1, ASKER: -1}, False),
        (TWO, {"ben": 1}, False),
        (TWO, {"ben": 1, ASKER: 1}, True),
        (REVIEWED, {ASKER: 1, "ben": 1}, False),
        (REVIEWED, {"rita": 1}, True),
        (REVIEWED, {"rita": 1, "ben": -1}, False),
        (NOBODY_KNOWN, {ASKER: 1, "ben": 1}, False),
        (OTHERS_ONLY, {ASKER: 1}, False),
        (OTHERS_ONLY, {ASKER: 1, "ben": 1}, True),
        (OTHERS_ONLY, {ASKER: -1, "ben": 1}, False),
        (MAJORITY, {"ben": 1, "chloe": -1}, False),
        (MAJORITY, {"ben": 1, "chloe": 1, ASKER: -1}, True),
    ],
)
def test_the_rule(rule: ApprovalRule, votes: Mapping[str, int], approved: bool) -> None:
    assert is_approved(votes, ASKER, rule) is approved
