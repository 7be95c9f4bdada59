"""Passages that are near a question and do not answer it: what training shows beside the right ones (RAFT)."""

from collections.abc import Sequence

from core.answering.answering import Finder
from core.curation.datasets import Distractors
from core.knowledge.access import AccessScope
from core.knowledge.retrieval import Found
from core.records.workspaces import PUBLIC

MOST = 4
"""Distractors kept for each example; a recipe may show fewer."""

_FOUND = 12


def public_distractors(retrieval: Finder, workspace_id: str) -> Distractors:
    """Distractors from what everybody may read: a data set tells nothing that its examples do not. Raises
    StoreUnavailable when asked for some while the store is down.
    """
    scope = AccessScope(workspace_id, frozenset({PUBLIC}))

    def near(question: str, cited: Sequence[str]) -> list[Found]:
        found = retrieval.find(question, scope, _FOUND)
        return [one for one in found if one.passage_id not in cited][:MOST]

    return near
