"""What the extractive model quotes, and how."""

from collections.abc import Sequence
from threading import Event

import numpy as np
from numpy.typing import NDArray

from core.answering.models.extractive import Extractive
from core.answering.models.labelled_rows import labelled
from core.answering.models.language_model import Prompt, Source


class NoMeaning:
    """An embedder that finds everything unlike."""

    name, dimension, max_tokens = "none", 1, 256

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), 1), dtype=np.float32)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        return np.zeros(1, dtype=np.float32)

    def readability(self, text: str) -> float:
        return 1.0


def quoted(question: str, *texts: str) -> str:
    return quoted_of(question, *(Source(number, "a page", text) for number, text in enumerate(texts, 1)))


def quoted_of(question: str, *sources: Source) -> str:
    return "".join(Extractive(NoMeaning()).generate(Prompt("", sources, (), question), Event()))


def test_a_question_is_no_answer_to_a_question() -> None:
    said = "At what time do we meet for the review? We meet in the kitchen at 15:30."
    assert quoted("At what time do we meet?", said) == "We meet in the kitchen at **15:30**. [1]"


def test_what_it_means_is_quoted_with_it() -> None:
    said = "Hearing protection is worn when the destoner runs. It reaches 88 dB."
    assert quoted("How loud is the destoner?", said) == (
        "Hearing protection is worn when the destoner runs. [1] It reaches **88** dB. [1]"
    )


def test_a_row_is_quoted_with_the_names_of_its_columns() -> None:
    table = "Product | Sacks | Shelf\nKP-2605 Huila | 9 | A2\nKP-2606 Gatomboya | 4 | C1"
    answer = quoted("How many sacks of Gatomboya are left?", table)
    assert answer == "Product: KP-2606 Gatomboya, Sacks: **4**, Shelf: C1 [1]"


def test_no_figure_of_a_bare_row_is_said_to_be_the_answer() -> None:
    row = "Plum Lane (filter) 205 °C 8:30 207 °C 14 %"
    assert quoted("What temperature is the Plum Lane dropped at?", f"Coffee Charge Crack Drop\n{row}") == f"{row} [1]"


def test_steps_are_quoted_to_the_end_of_their_list() -> None:
    steps = ["1. Cut the gas.", "2. Close the damper.", "3. Keep the drum turning."]
    said = "\n".join(["A chaff fire smells of popcorn.", "", *steps, "", "Goodbye."])
    answer = quoted("What do I do if there is a chaff fire?", said)
    assert answer.splitlines() == ["A chaff fire smells of popcorn. [1]", *(f"{step} [1]" for step in steps)]


def test_a_line_of_a_script_is_no_headline() -> None:
    script = "# nightly backup of the wiki\ntar czf /backup/wiki.tgz /srv/wiki"
    answer = quoted("How is the wiki backed up?", script)
    assert answer == "`# nightly backup of the wiki` [1] tar czf /backup/wiki.tgz /srv/wiki [1]"
    assert quoted("When does the backup begin?", "# the backup begins at 03:30") == "`# the backup begins at 03:30` [1]"


def test_rows_are_labelled_and_the_names_stand_nowhere_else() -> None:
    lines = ["Prices", "Product | Price", "Decaf | 22", "Filter | ", "Product | Price", "Espresso | 19", "as of May"]
    assert [line.text for line in labelled(lines)] == [
        "Prices",
        "Product: Decaf, Price: 22",
        "Product: Filter",
        "Product: Espresso, Price: 19",
        "as of May",
    ]


def test_rows_end_with_empty_cells_and_names_begin_with_one() -> None:
    lines = [" | 2024 | 2025", "Profit | 400 | ", "Revenue | 1,200 | 900", "Cost of goods | 800 |"]
    assert [line.text for line in labelled(lines)] == [
        "Profit, 2024: 400",
        "Revenue, 2024: 1,200, 2025: 900",
        "Cost of goods, 2024: 800",
    ]
    assert quoted("What was the profit of 2024?", "\n".join(lines)) == "Profit, 2024: **400** [1]"


def test_of_a_row_the_cell_is_pointed_at_whose_column_is_asked_for() -> None:
    prices = "Product | Bag | Wholesale €/kg | Retail €/bag\nFilter | 1 kg | 21 | 32\nQuiet Hours | 1 kg | 22.5 | 34"
    assert quoted("How much does Quiet Hours cost per kilo wholesale?", prices) == (
        "Product: Quiet Hours, Bag: 1 kg, Wholesale €/kg: **22.5**, Retail €/bag: 34 [1]"
    )
    assert quoted("How much is Quiet Hours?", prices) == (
        "Product: Quiet Hours, Bag: 1 kg, Wholesale €/kg: 22.5, Retail €/bag: 34 [1]"
    )


def test_the_figure_may_stand_in_what_follows_about_the_same() -> None:
    said = "The destoner, how loud as it is, needs hearing protection. It reaches 88 dB. Ask Ines."
    assert quoted("How loud is the destoner?", said) == (
        "The destoner, how loud as it is, needs hearing protection. [1] It reaches **88** dB. [1]"
    )


def test_what_precedes_a_colon_may_hold_the_figure() -> None:
    said = "Each of us has a learning budget of 900 euros: courses, a visit to a farm."
    assert "**900**" in quoted("How much learning budget do I have?", said)


def test_a_sentence_is_cited_from_the_passage_whose_own_it_is() -> None:
    wide = Source(1, "a page", "Bags are sealed.\nThe sealer runs at 165 °C.", own="Bags are sealed.")
    narrow = Source(2, "the next page", "The sealer runs at 165 °C.", own="The sealer runs at 165 °C.")
    assert quoted_of("How hot does the sealer run?", wide, narrow) == "The sealer runs at **165** °C. [2]"


def test_a_sentence_of_another_year_is_no_answer() -> None:
    said = "36 tonnes roasted in 2025. We will sell 42 tonnes in 2026."
    assert quoted("How many tonnes are roasted in 2026?", said) == "We will sell **42** tonnes in 2026. [1]"


def test_what_stands_under_a_heading_is_about_it() -> None:
    day_four = "### Week › Day four\nThe sealer is shown.\nBoxes are labelled."
    week = f"### Week › Day three\nYou watch.\n{day_four}\n### Week › Day five\nYou ride."
    assert quoted("What happens on day four?", week) == "The sealer is shown. [1] Boxes are labelled. [1]"


def test_a_step_of_two_sentences_does_not_end_the_list() -> None:
    said = "A chaff fire smells.\n1. Cut the gas.\n2. Close the damper. It chokes.\n3. Turn the drum.\nGoodbye."
    answer = quoted("What do I do if there is a chaff fire?", said)
    assert "3. Turn the drum." in answer
    assert "Goodbye" not in answer
