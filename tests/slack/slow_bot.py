"""The real `python -m bot`, whose answers are twenty words with pauses between them: time enough to be killed in."""

import os
import runpy

from core.answering.drafts import Draft, Finished, Searched, Written
from core.bootstrap import Services
from core.records.questions import Verdict
from tests.slack.workplace import Scripted

WORDS = [f"word{number} " for number in range(20)]

if __name__ == "__main__":
    whole = Draft("".join(WORDS).strip(), Verdict.GENERATED, model="test")
    answers = Scripted([Searched(1), *map(Written, WORDS), Finished(whole)], float(os.environ["WORD_PAUSE_S"]))
    Services.answering = answers  # type: ignore[assignment]  # in the place of the model, for this process alone
    runpy.run_module("bot", run_name="__main__")
