from hypothesis import given
from hypothesis import strategies as st

from bot.cutting import HARD_LIMIT, SOFT_LIMIT, certain, cut, next_cut, split_at


def test_a_short_text_is_one_message() -> None:
    assert cut("Hello.\n\nWorld.") == ["Hello.\n\nWorld."]


def test_a_long_text_is_cut_at_a_paragraph() -> None:
    paragraphs = [f"{number} " + "word " * 120 for number in range(60)]
    parts = cut("\n\n".join(paragraphs))
    assert len(parts) > 2
    assert all(len(part) <= HARD_LIMIT for part in parts)
    assert "\n\n".join(parts) == "\n\n".join(paragraphs)


def test_without_paragraphs_lines_and_then_words_are_kept_whole() -> None:
    assert all(not part.endswith("wor") for part in cut("word " * 5_000))
    assert all(len(part) <= HARD_LIMIT for part in cut("x" * 40_000))


def test_a_code_block_that_is_cut_is_closed_and_opened_again() -> None:
    first, second, *_ = cut("```\n" + "x = 1\n" * 3_000 + "```")
    assert first.endswith("\n```")
    assert second.startswith("```\nx = 1")


@given(st.lists(st.sampled_from(["word ", "line\n", "end.\n\n", "x" * 400, "```\n"]), max_size=120), st.integers(1, 50))
def test_a_growing_text_is_cut_as_the_whole_one_is(pieces: list[str], seed: int) -> None:
    """And what was certain of a message never changes."""
    whole = "".join(pieces * seed)[: 4 * HARD_LIMIT]
    step = 37 * seed
    parts, text, shown = [], "", ""
    for at in range(0, len(whole), step):
        text += whole[at : at + step]
        while (place := next_cut(text)) is not None:
            head, text = split_at(text, place)
            assert head.startswith(shown)
            parts.append(head)
            shown = ""
        assert certain(text).startswith(shown)
        shown = certain(text)
        assert len(shown) <= SOFT_LIMIT
    assert [*parts, text] == cut(whole)
