"""Home's lists: reviewers decide on what was proposed, everybody withdraws what they contributed."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.parts import Parts
from bot.views import examples as view
from bot.views.dialogs import fits, notice
from core.curation import review
from core.curation.examples import withdraw
from core.errors import JourneymanError, NotAllowed
from core.knowledge.slack_payloads import Payload
from core.records.examples import TrainingExample
from core.records.reviews import Listing

_TOO_LONG = "This answer is too long to be edited here. Reject it, and teach a shorter one."


async def on_approve(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """It may be learned from."""
    await _decide(parts, body, ack, approve=True)


async def on_reject(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """It may not."""
    await _decide(parts, body, ack, approve=False)


async def on_edit(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """It is worded anew first, in a dialog."""
    await ack()
    example_id, person_id = _pressed(body), body["user"]["id"]
    told = (parts.record, parts.services.reviewing, parts.me.workspace_id, example_id, person_id)
    try:
        example = await parts.bridge.run(review.to_edit, *told)
    except JourneymanError as error:
        await _refuse(parts, body, error)
        return
    dialog = view.editing(example) if fits(example.answer) else notice(_TOO_LONG)
    await parts.client.views_open(trigger_id=body["trigger_id"], view=dialog)


async def on_edited(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """The dialog was sent off: approved as worded there."""
    if faults := view.faults(body["view"]):
        await ack(response_action="errors", errors=faults)
        return
    example_id, question, answer = view.edited(body["view"])
    person_id = body["user"]["id"]
    try:
        example = await _decided(parts, example_id, person_id, approve=True, question=question, answer=answer)
    except JourneymanError as error:
        await ack(response_action="update", view=notice(error.sentence))
        return
    await ack()
    await parts.homes.settle(person_id, example_id, view.approved(example))


async def on_withdraw(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """Somebody takes back what they contributed."""
    await ack()
    example_id, person_id = _pressed(body), body["user"]["id"]
    try:
        await parts.bridge.run(_withdraw, parts, example_id, person_id)
    except JourneymanError as error:
        await _refuse(parts, body, error)
        return
    await parts.homes.settle(person_id, example_id, view.WITHDRAWN, body["view"]["blocks"])


async def on_turn(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """Another page of one list."""
    await ack()
    kind, _, cursor = _pressed(body).partition(" ")
    try:
        await parts.homes.turn(body["user"]["id"], body["view"]["blocks"], Listing(kind), cursor)
    except NotAllowed as error:
        await _refuse(parts, body, error)


async def _decide(parts: Parts, body: Payload, ack: AsyncAck, *, approve: bool) -> None:
    await ack()
    example_id, person_id = _pressed(body), body["user"]["id"]
    try:
        example = await _decided(parts, example_id, person_id, approve=approve)
    except JourneymanError as error:
        await _refuse(parts, body, error)
        return
    said = view.approved(example) if approve else view.rejected(example)
    await parts.homes.settle(person_id, example_id, said, body["view"]["blocks"])


async def _decided(parts: Parts, example_id: str, person_id: str, **decision: Any) -> TrainingExample:
    told = (parts.record, parts.services.reviewing, parts.me.workspace_id, example_id, person_id)
    return await parts.bridge.run(review.decide, *told, **decision)


def _withdraw(parts: Parts, example_id: str, person_id: str) -> None:
    withdraw(parts.record, example_id, person_id, parts.services.reviewing.rule(parts.me.workspace_id))


async def _refuse(parts: Parts, body: Payload, error: JourneymanError) -> None:
    """Say why: what is out of date in its place; what is not this person's to do in a dialog, above a fresh Home."""
    if not isinstance(error, NotAllowed):
        await parts.homes.settle(body["user"]["id"], _pressed(body), error.sentence, body["view"]["blocks"])
        return
    await parts.client.views_open(trigger_id=body["trigger_id"], view=notice(error.sentence))
    await parts.homes.open(body["user"]["id"])


def _pressed(body: Payload) -> str:
    return str(body["actions"][0].get("value", ""))


ACTIONS = {
    view.APPROVE: on_approve,
    view.REJECT: on_reject,
    view.EDIT: on_edit,
    view.WITHDRAW: on_withdraw,
    view.EARLIER: on_turn,
    view.LATER: on_turn,
}
VIEWS = {view.EDIT_CALLBACK: on_edited}
