"""What is left out of passages carries nothing; what could answer a question stays."""

import pytest

from core.knowledge.noise import is_noise


@pytest.mark.parametrize(
    "text",
    [
        "", " \n ", "thanks", "Thanks!!", "thank you so much 🙏", "Thanks everyone", "thaaaanks", "ty", "thx @ana",
        "ok", "OK.", "okay!", "k", "kk", "+1", "+1!", ":+1:", ":+1::skin-tone-3:",
        "👍", "👍🏽 🎉", "👨‍👩‍👧‍👦", "❤️", "🇩🇪",
        "lol", "looool", "haha", "hahahaha 😂", "jajaja", "哈哈哈", "???", "…", "<@U123> thanks", "wow",
        "Danke!", "Vielen lieben Dank", "danke dir", "merci beaucoup", "¡Muchas gracias!", "mil gracias a todos",
        "grazie mille", "obrigada", "спасибо большое", "谢谢！", "ありがとうございます", "धन्यवाद", "شكرا",
    ],
)  # fmt: skip
def test_says_nothing(text):
    assert is_noise(text)


@pytest.mark.parametrize(
    "text",
    [
        "yes", "Yes, thanks", "no", "no thanks", "done", "ok with oat milk", "42", "+2", "1️⃣", "+15", "Monday",
        "thanks to the new valve it holds 9 bar", "for the team", "you", "94 °C",
        "haha, the drum is on fire",
        "danke, um 9 Uhr", "tak", "ja ja", "555", "si", "да", "是",
        "K2", "https://example.org/ok", "C++", "50%", "$12", "a lot", "ant", "w3",
        "<@U123>", "@ana", "<#C1|roasting>",
        "okra", "good", "sure", "ok thanks, so much for the team and the guys and everybody in the world",
    ],
)  # fmt: skip
def test_says_something(text):
    assert not is_noise(text)
