"""Every file of listeners is in the app's table, and Slack finds one of them for each thing."""

from pathlib import Path
from pkgutil import iter_modules

import pytest

from bot import listeners
from bot.app import LISTENERS

TABLES = ("EVENTS", "ACTIONS", "COMMANDS", "SHORTCUTS", "VIEWS")
FALLS_TO_LAST = "catch_all"


def test_every_file_of_listeners_is_registered() -> None:
    files = {each.name for each in iter_modules([str(Path(listeners.__file__).parent)])}
    assert files - {FALLS_TO_LAST} == {module.__name__.rpartition(".")[2] for module in LISTENERS}


@pytest.mark.parametrize("module", LISTENERS, ids=lambda module: module.__name__)
def test_a_file_of_listeners_listens_to_something(module: object) -> None:
    assert any(getattr(module, table, {}) for table in TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_nothing_is_listened_to_twice(table: str) -> None:
    names = [name for module in LISTENERS for name in getattr(module, table, {})]
    assert names
    assert len(names) == len(set(names))
