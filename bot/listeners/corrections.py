"""What comes back from the dialog behind a 👎."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.parts import Parts
from bot.telling import tell_privately, tell_thread
from bot.views import correction as view
from bot.views.dialogs import notice
from core.curation.corrections import receive
from core.errors import JourneymanError
from core.knowledge.slack_payloads import Payload


async def on_sent(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """The correction is kept before the dialog closes; then the thread learns of it."""
    question_id, complaint, right_answer = view.sent(body["view"])
    person_id = body["user"]["id"]
    try:
        told = (parts.record, question_id, person_id, complaint, right_answer)
        received = await parts.bridge.run(receive, *told)
    except JourneymanError as error:
        await ack(response_action="update", view=notice(error.sentence))
        return
    await ack()
    where = (parts.client, received.channel_id)
    if received.proposed and not received.ephemeral:
        await tell_thread(*where, received.thread_ts, view.proposed(received.person))
    else:
        said = view.proposed(received.person) if received.proposed else view.NOTED
        await tell_privately(*where, person_id, said, "" if received.ephemeral else received.thread_ts)


VIEWS = {view.CALLBACK: on_sent}
