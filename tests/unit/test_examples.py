"""The invented company hangs together: whoever is named exists, and every file shared can be read."""

import json
from pathlib import Path

from core.knowledge.content import BlockKind
from core.knowledge.extraction import ExtractionLimits, extract

EXAMPLES = Path(__file__).parents[2] / "examples"
WORKSPACE = json.loads((EXAMPLES / "workspace.json").read_text(encoding="utf-8"))


def test_whoever_speaks_is_in_the_channel():
    people = {person["name"] for person in WORKSPACE["people"]}
    members = {channel["name"]: set(channel["members"]) for channel in WORKSPACE["channels"]}
    assert all(inside <= people for inside in members.values())
    for message in WORKSPACE["history"]:
        speakers = {message["person"], *(reply["person"] for reply in message.get("replies", []))}
        assert speakers <= members[message["channel"]], message["text"]


def test_history_is_told_in_order():
    ages = [message["minutes_ago"] for message in WORKSPACE["history"]]
    assert ages == sorted(ages, reverse=True)


def test_every_file_is_shared_once_small_and_readable():
    shared = [file for message in WORKSPACE["history"] for file in message.get("files", [])]
    assert sorted(shared) == sorted(f"files/{path.name}" for path in (EXAMPLES / "files").iterdir())
    for file in shared:
        path = EXAMPLES / file
        assert path.stat().st_size < 100_000
        assert extract(path, path.name, "", ExtractionLimits()).blocks


def test_facts_stand_where_the_readme_says():
    blocks = extract(EXAMPLES / "files" / "handbook.pdf", "handbook.pdf", "", ExtractionLimits()).blocks
    holidays = next(block for block in blocks if "28 days of paid holiday" in block.text)
    assert (holidays.place, holidays.heading) == ("p. 3", "Holidays")
    roasts = next(block for block in blocks if "Plum Lane (filter)" in block.text)
    assert (roasts.kind, roasts.place, roasts.heading) == (BlockKind.TABLE, "p. 5", "How we roast")
    assert roasts.text.startswith("Coffee | Charge | First crack | Drop | Development\n")
    assert "\nPlum Lane (filter) | 205 °C | 8:30 | 207 °C | 14 %\n" in roasts.text
    slides = extract(EXAMPLES / "files" / "plan-2026.pptx", "plan-2026.pptx", "", ExtractionLimits()).blocks
    assert any(block.place == "slide 3" and "118,000 euros" in block.text for block in slides)
