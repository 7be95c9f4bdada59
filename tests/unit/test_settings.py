"""Every setting is documented where an admin looks for it, with its real default."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FIELDS = Settings.model_fields


def shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.mark.parametrize("name", FIELDS)
def test_the_settings_page_has_the_setting_with_its_default(name: str) -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    default = shown(FIELDS[name].default)
    cell = f"`{default}`" if default else "empty"
    assert re.search(rf"^\| `{name.upper()}` \| {re.escape(cell)} \|", page, re.MULTILINE)


@pytest.mark.parametrize("name", FIELDS)
def test_the_example_environment_has_the_setting_with_its_default(name: str) -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    assert re.search(rf"^#? ?{name.upper()}={re.escape(shown(FIELDS[name].default))}$", example, re.MULTILINE)


@pytest.mark.parametrize("path", ["docs/settings.md", ".env.example"])
def test_nothing_is_documented_that_does_not_exist(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    pattern = r"^\| `([A-Z0-9_]+)` \|" if path.endswith(".md") else r"^#? ?([A-Z0-9_]+)="
    assert {name.lower() for name in re.findall(pattern, text, re.MULTILINE)} == set(FIELDS)


def test_the_web_api_address_always_ends_with_a_slash() -> None:
    assert Settings(_env_file=None, slack_api_url="http://localhost:1/api").slack_api_url.endswith("/api/")


def test_tokens_do_not_show_when_settings_are_printed() -> None:
    assert "xoxb-1" not in repr(Settings(_env_file=None, slack_bot_token=SecretStr("xoxb-1")))
