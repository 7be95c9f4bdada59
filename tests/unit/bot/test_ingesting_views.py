"""What is said of a back-fill, at its every turn."""

import pytest

from bot.views import ingesting as view
from core.knowledge.backfilling import Progress
from core.records.backfills import Backfill, BackfillState, ChannelBackfill
from core.records.workspaces import Channel, ChannelKind

BEGAN = view.ReadingStart(began=0.0, share=0.0, messages=0)


def channel(number: int = 1, state: BackfillState = BackfillState.DONE, **changes: object) -> ChannelBackfill:
    standing = {"since_ts": "", "oldest_ts": "1000.0", "newest_ts": "2000.0", "position_ts": "1500.0"}
    figures = {"messages": 30, "files": 1, "not_kept": 0, "problem": ""}
    return ChannelBackfill(channel_id=f"C{number}", state=state, **{**standing, **figures, **changes})


def told(*channels: ChannelBackfill) -> str:
    return view.told(Progress(Backfill(id="b"), channels), BEGAN, now=60.0)


def test_the_time_left_is_told_from_what_was_read() -> None:
    text = told(channel(state=BackfillState.WAITING))
    assert "50%" in text
    assert "30 messages, 1 file so far · 30 messages a minute · about 60 s left" in text


def test_no_time_left_is_told_where_the_end_is_not_in_sight() -> None:
    assert "left" not in told(channel(state=BackfillState.WAITING, position_ts="900.0"))


def test_what_failed_is_not_counted_as_read() -> None:
    failed = channel(5, BackfillState.FAILED, messages=0, files=0, problem="I am not in this channel.")
    text = told(*(channel(number) for number in range(1, 5)), failed)
    assert text.startswith("I have read 4 of 5 channels: 120 messages and 4 files.")
    assert "<#C5>: I am not in this channel." in text
    assert told(channel(1), failed).startswith("I have read <#C1>: ")


def test_nothing_to_read_is_said_so() -> None:
    assert told(channel(messages=0, files=0)) == "There was nothing to read in <#C1>."


def test_what_was_read_and_not_kept_is_said() -> None:
    assert "1 message is not kept" in told(channel(not_kept=1))
    text = told(channel(messages=0, files=0, not_kept=30))
    assert text.startswith("There was nothing to keep in <#C1>.")
    assert "30 messages are not kept" in text
    assert "not kept" not in told(channel())


@pytest.mark.parametrize(
    ("waiting", "said"),
    [(0, "Everything heard is findable."), (1, "1 document waits to be"), (2, "2 documents wait to be")],
)
def test_the_status_is_plain(waiting: int, said: str) -> None:
    general = Channel(id="C1", kind=ChannelKind.PUBLIC, listening=True, retention_days=None)
    text = view.status(general, [], waiting)
    assert text.startswith("I listen in <#C1> and keep what is said there.\nNothing is being read here")
    assert said in text
    general.retention_days = 90
    assert "what is older than 90 days is forgotten" in view.status(general, [], waiting)
