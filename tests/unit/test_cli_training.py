"""`journeyman train`, `runs`, `promote`, `rollback` and `advise`, as somebody at a terminal meets them."""

import json
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from core.bootstrap import Services, build_services
from core.cli_training import add_training_commands
from core.errors import JourneymanError, Misconfigured
from core.training.nightly import NightSchool
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.trainer import FakeTrainer
from tests.nights import keep_examples, night_settings, quick_recipe, valves


class Terminal:
    """Commands, and what they print. Each opens Journeyman anew, as each is a process of its own."""

    def __init__(self, folder: Path, base: Path) -> None:
        given = {"training_enabled": True, "language_model": "phi3"}
        self.settings = night_settings(folder, base, quick_recipe(folder), **given)
        self.drawn = StringIO()
        self._app = typer.Typer()
        add_training_commands(self._app, self.open, Console(file=self.drawn, width=120, force_terminal=True))

    def open(self) -> Services:
        services = build_services(self.settings)
        services.migrate()
        examples, trainer = valves(24, 20), FakeTrainer(services.record, self.settings)
        embed = FakeEmbedder(512).embed_passages
        services.__dict__["school"] = NightSchool(
            services.record, self.settings, trainer, lambda: examples, embed, services.leaving
        )
        return services

    def run(self, *words: str) -> str:
        """What is printed; raises what the command raises, and its exit status if that is not 0."""
        result = CliRunner().invoke(self._app, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output.strip()


@pytest.fixture
def terminal(tmp_path: Path, tiny_base: Path) -> Terminal:
    made = Terminal(tmp_path, tiny_base)
    services = made.open()
    keep_examples(services.record, valves(24, 20).examples)
    services.close()
    return made


def test_before_the_first_run_every_command_says_what_is_missing(terminal: Terminal) -> None:
    assert terminal.run("runs") == "There was no run yet.\nThe base model serves now."
    assert "about 100 more approved answers" in terminal.run("advise")
    with pytest.raises(JourneymanError, match="nothing to roll back to"):
        terminal.run("rollback")
    with pytest.raises(JourneymanError, match="On disk are: none"):
        terminal.run("promote", "nonsense")


def test_without_a_model_that_learns_train_says_what_to_set(terminal: Terminal) -> None:
    terminal.settings = terminal.settings.model_copy(update={"language_model": "extractive"})
    with pytest.raises(Misconfigured, match="PHI3_MODEL"):
        terminal.run("train")
    assert "no run yet" in terminal.run("runs")


def test_from_training_to_rollback_and_back(terminal: Terminal) -> None:
    assert terminal.run("train").startswith("Promoted: the team's held-out answers became 0.500 nats")
    assert "promoted" in terminal.drawn.getvalue(), "a bar while it goes on, and its end"
    told = json.loads(terminal.run("runs", "--json"))
    [run] = told["runs"]
    adapter = run["adapter_id"]
    assert (run["state"], told["serving"], run["asked_by"]) == ("promoted", adapter, "command line")
    assert terminal.run("runs").endswith(f"{adapter} serves now.")
    assert terminal.run("rollback") == "The base model serves now."
    assert json.loads(terminal.run("runs", "--json"))["serving"] == ""
    assert terminal.run("promote", adapter) == terminal.run("rollback", adapter) == f"{adapter} serves now."
    advice = json.loads(terminal.run("advise", "--json"))
    assert len(advice["lines"]) == 3
    assert advice["run"] == run["id"]
    assert terminal.run("advise").startswith(advice["headline"])
