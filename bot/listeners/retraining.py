"""`/retrain`: a run now, how it goes, how runs went, an end to it, and back to what served before. For admins."""

from collections.abc import Awaitable, Callable

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.parts import Parts
from bot.views import training as view
from core.errors import JourneymanError, NotAllowed
from core.knowledge.slack_payloads import Payload
from core.records.runs import TrainingRun
from core.training.asking import active_run, ask_for_run, past_runs, stop_run

HISTORY = 8


async def on_retrain(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """`/retrain …`. The answer comes through the command's reply address, for this person alone."""
    verb, _, rest = (body.get("text") or "").strip().partition(" ")
    await ack()
    deed = _DEEDS.get(verb.casefold(), _help)
    await _reply(
        parts, body, await _carry_out(parts, deed, rest.strip().strip("`"), body["channel_id"], body["user_id"])
    )


async def on_stop(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """The button under the progress of a run."""
    await ack()
    await _reply(parts, body, await _carry_out(parts, _stop, "", "", body["user"]["id"]))


async def _carry_out(parts: Parts, deed: "_Deed", rest: str, here: str, person_id: str) -> str:
    try:
        if not await parts.permissions.is_admin(person_id):
            raise NotAllowed(view.ONLY_ADMINS)
        return await deed(parts, rest, here, person_id)
    except JourneymanError as refusal:
        return refusal.sentence


async def _begin(parts: Parts, _rest: str, here: str, person_id: str) -> str:
    await parts.bridge.run_long(parts.services.require_trainable)
    await parts.bridge.run(ask_for_run, parts.record, parts.settings, person_id, here)
    return view.BEGUN


async def _status(parts: Parts, _rest: str, here: str, _person_id: str) -> str:
    run = await parts.bridge.run(active_run, parts.record)
    if run is None:
        last = await parts.bridge.run(past_runs, parts.record, 1)
        return view.history(last, await parts.bridge.run(_live, parts))
    if run.told_in:
        return view.progress(run)
    await parts.bridge.run(_tell_in, parts, run, here)
    return view.FOLLOWED


async def _history(parts: Parts, _rest: str, _here: str, _person_id: str) -> str:
    runs = await parts.bridge.run(past_runs, parts.record, HISTORY)
    return view.history(runs, await parts.bridge.run(_live, parts))


async def _stop(parts: Parts, _rest: str, _here: str, _person_id: str) -> str:
    return view.STOPPING if await parts.bridge.run(stop_run, parts.record) else view.NOTHING_TO_STOP


async def _roll_back(parts: Parts, adapter: str, _here: str, person_id: str) -> str:
    services = parts.services
    if adapter:
        await parts.bridge.run_long(lambda: services.let_serve(adapter, person_id))
        return f"`{adapter}` serves now."
    serving = await parts.bridge.run_long(lambda: services.roll_back(person_id))
    return f"`{serving}` serves again." if serving else "The base model serves again."


async def _help(_parts: Parts, _rest: str, _here: str, _person_id: str) -> str:
    return view.HOW_TO


def _live(parts: Parts) -> str:
    with parts.record() as work:
        live = work.adapters.live()
    return live.id if live else ""


def _tell_in(parts: Parts, run: TrainingRun, here: str) -> None:
    with parts.record() as work:
        work.runs.tell_in(run.id, here)
        work.commit()


async def _reply(parts: Parts, body: Payload, sentence: str) -> None:
    webhook = AsyncWebhookClient(body["response_url"], session=parts.client.session)
    await webhook.send(text=sentence, response_type="ephemeral", replace_original=False, unfurl_links=False)


_Deed = Callable[[Parts, str, str, str], Awaitable[str]]
_DEEDS: dict[str, _Deed] = {
    "": _begin,
    "now": _begin,
    "status": _status,
    "history": _history,
    "stop": _stop,
    "rollback": _roll_back,
}
COMMANDS = {"/retrain": on_retrain}
ACTIONS = {view.STOP_ACTION: on_stop}
