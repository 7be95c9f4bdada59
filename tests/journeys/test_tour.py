"""`journeyman tour`, as a newcomer runs it: the whole product in its own processes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)
def test_the_tour_ends_well_with_a_folder_and_a_question_of_the_readers_own(tmp_path: Path) -> None:
    (tmp_path / "opening.md").write_text("# Opening hours\n\nThe bean museum opens at 10:20 on Sundays.\n", "utf-8")
    command = ["tour", "--files", str(tmp_path), "--ask", "When does the bean museum open on Sundays?"]
    toured = subprocess.run(
        [sys.executable, "-m", "core.cli", *command], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert toured.returncode == 0, toured.stdout[-2000:] + toured.stderr[-2000:]
    transcript = toured.stdout
    for said in ("14 May", "handbook.pdf, p. 3", "presses 👍", "41,500", "21 May", "10:20", "opening.md"):
        assert said in transcript
    assert "Traceback" not in transcript + toured.stderr
