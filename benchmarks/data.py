"""The data that benchmarks judge on: whatever `xquad.<lang>.json` and `slack-*.xml` lie in a folder."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

FIRST_SAID = datetime(2024, 1, 1, tzinfo=UTC)
BETWEEN_PARAGRAPHS = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """A message of a set: who said what, when. Its number in the set is its identity."""

    text: str
    person: str
    at: datetime

    @property
    def ts(self) -> str:
        """The moment as Slack writes it."""
        return f"{self.at.timestamp():.6f}"


@dataclass(frozen=True)
class Question:
    """A question, and the numbers of the messages that are right to find."""

    text: str
    relevant: frozenset[int]


@dataclass(frozen=True)
class QuestionSet:
    """What is heard, and what is then asked. `is_chat` tells conversations from whole paragraphs."""

    name: str
    messages: Sequence[Said]
    questions: Sequence[Question]
    is_chat: bool


def question_sets(folder: Path) -> list[QuestionSet]:
    """All sets that lie in the folder: XQuAD by language, then Slack histories."""
    paragraphs = [xquad(path) for path in sorted(folder.glob("xquad.*.json"))]
    return paragraphs + [slack(path) for path in sorted(folder.glob("slack-*.xml"))]


def xquad(path: Path) -> QuestionSet:
    """A language of XQuAD (SQuAD 1.1 format): each paragraph a message, an hour after the one before."""
    articles = json.loads(path.read_text("utf-8"))["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    messages = [
        Said(paragraph["context"], "reader", FIRST_SAID + number * BETWEEN_PARAGRAPHS)
        for number, paragraph in enumerate(paragraphs)
    ]
    questions = [
        Question(question["question"], frozenset({number}))
        for number, paragraph in enumerate(paragraphs)
        for question in paragraph["qas"]
    ]
    return QuestionSet(path.name.split(".")[1], messages, questions, is_chat=False)


def slack(path: Path) -> QuestionSet:
    """A channel's history. Asked: each conversation's first message, where it asks; right: the rest of it.

    What is asked is not among the messages, or every ranker would find the question itself.
    """
    conversations: dict[str, list[Said]] = defaultdict(list)
    for message in ElementTree.parse(path).getroot().iter("message"):
        at = datetime.fromisoformat(message.findtext("ts", "")).replace(tzinfo=UTC)
        said = Said(message.findtext("text", ""), message.findtext("user", ""), at)
        conversations[message.get("conversation_id", "")].append(said)
    asked = {key: said[0] for key, said in conversations.items() if "?" in said[0].text and len(said) > 1}
    rest = {key: said[1:] if key in asked else said for key, said in conversations.items()}
    messages = sorted((said for some in rest.values() for said in some), key=lambda said: said.at)
    number_of = {id(said): number for number, said in enumerate(messages)}
    questions = [
        Question(question.text, frozenset(number_of[id(said)] for said in rest[key])) for key, question in asked.items()
    ]
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.removeprefix("slack-").lower())
    return QuestionSet(f"slack_{name}", messages, questions, is_chat=True)
