"""Freezing: tonight's approved examples become a data set that never changes and is named by its content."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.answering.models.language_model import Source
from core.curation.frozen_set import FrozenExample, FrozenSet, frozen
from core.curation.grouping import group_new, split_of, straddling
from core.curation.hygiene import Embed, HygieneRules, contradictions, own_fault, private_matter_in
from core.knowledge.retrieval import Found
from core.records.examples import ExampleOrigin, TrainingExample
from core.records.tombstones import of_message
from core.records.unit_of_work import Record, UnitOfWork

Distractors = Callable[[str, Sequence[str]], Sequence[Found]]
"""(question, ids of the cited passages) → passages that are near the question and were not cited."""


@dataclass(frozen=True)
class Freeze:
    """What came of a freeze: the set, and for each approved example that is not in it, why."""

    frozen_set: FrozenSet
    left_out: dict[str, str]


def freeze(record: Record, workspace_id: str, embed: Embed, rules: HygieneRules, distractors: Distractors) -> Freeze:
    """Freeze the workspace's approved examples, and write down on each that is left out why it is."""
    with record() as work:
        opted_out = work.workspaces.opted_out(workspace_id)
        approved = [e for e in work.examples.approved(workspace_id) if e.proposed_by not in opted_out]
        voters = {e.id: _approvers(work.feedback.votes_on(e.answer_id) if e.answer_id else {}, e) for e in approved}
        corrected = {e.id: _corrected(work, e, rules) for e in approved}
    groups = group_new(approved, embed)
    for example in approved:
        example.question_group = groups.get(example.id, example.question_group)
    left_out = sift(approved, embed, rules)
    with record() as work:
        work.examples.mark(groups, {e.id: left_out.get(e.id, "") for e in approved})
        work.commit()
    kept = [example for example in approved if example.id not in left_out]
    return Freeze(frozen(_frozen(e, tuple(voters[e.id]), corrected[e.id], distractors) for e in kept), left_out)


def sift(examples: Sequence[TrainingExample], embed: Embed, rules: HygieneRules) -> dict[str, str]:
    """Why each example that may not be learned from may not: example id → reason."""
    left_out = {e.id: reason for e in examples if (reason := own_fault(e, rules))}
    sound = [example for example in examples if example.id not in left_out]
    by_group: dict[str, list[TrainingExample]] = defaultdict(list)
    for example in sound:
        by_group[example.question_group].append(example)
    for group in by_group.values():
        for example_id in contradictions(group, embed, rules):
            left_out[example_id] = "another approved answer to the same question says something else"
    for example_id in straddling([e for e in sound if e.id not in left_out], embed):
        left_out[example_id] = "it asks the same as a question that is held out for testing"
    return left_out


def _approvers(votes: dict[str, int], example: TrainingExample) -> list[str]:
    in_favour = sorted(person for person, value in votes.items() if value > 0)
    return in_favour or [example.decided_by or example.proposed_by]


def _corrected(work: UnitOfWork, example: TrainingExample, rules: HygieneRules) -> tuple[str, ...]:
    """The answer that the example corrects: what ought not to be said, which is worth learning too."""
    answer = work.questions.answer(example.answer_id) if example.answer_id else None
    if answer is None or example.origin is not ExampleOrigin.CORRECTED or private_matter_in(answer.text, rules):
        return ()
    return (answer.text,)


def _frozen(
    example: TrainingExample, approved_by: tuple[str, ...], rejected: tuple[str, ...], distractors: Distractors
) -> FrozenExample:
    sources = tuple(Source(source.marker, source.name, source.text) for source in example.sources)
    near = distractors(example.question, [source.passage_id for source in example.sources])
    return FrozenExample(
        id=example.id,
        group=example.question_group,
        split=split_of(example.question_group),
        question=example.question,
        answer=example.answer,
        sources=sources,
        distractors=tuple(Source(marker, one.source, one.quote) for marker, one in enumerate(near, 1)),
        beside=tuple(sorted({subject for one in near for subject in _subjects(one)})),
        approved_by=approved_by,
        rejected=rejected,
    )


def _subjects(found: Found) -> Iterator[str]:
    """The subjects of the tombstones with which this passage would be forgotten."""
    yield found.document_id
    if found.channel_id:
        yield found.channel_id
        yield from (of_message(found.channel_id, place) for place in found.places)
