"""Bytes → text, whatever encoding they were saved in."""

import codecs

from charset_normalizer import from_bytes

from core.errors import UnsupportedFile

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = "cp1252"
LEGACY = [WESTERN, "cp1250", "cp1251", "cp1253", "cp1255", "cp1256", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]
SAMPLE = 64 * 1024  # bytes that are enough to tell an encoding
CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 27}) + b"\x7f"
# Shares of control bytes above which nobody meant this as text: binary data is hardly ever valid UTF-8.
MOST_CONTROLS_IN_UTF8, MOST_CONTROLS = 0.3, 0.03


def decode(data: bytes, name: str) -> str:
    """The text in `data`. Raises UnsupportedFile when these bytes are not text at all."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    if wide := _wide(data):
        return data.decode(wide, "replace")
    sample = data[:SAMPLE]
    controls = (len(sample) - len(sample.translate(None, CONTROLS))) / max(len(sample), 1)
    if _is_utf8(data):
        encoding, most = "utf-8", MOST_CONTROLS_IN_UTF8
    else:
        encoding, most = _legacy(sample), MOST_CONTROLS
    if controls > most:
        raise UnsupportedFile(
            f"{name} is not text and not a document I know. Please share it as PDF, an Office file or plain text."
        )
    return data.decode(encoding, "replace")


def _is_utf8(data: bytes) -> bool:
    """Whether it is UTF-8; a stray byte or a cut character is forgiven where all before it was good."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= SAMPLE
    return True


def _wide(data: bytes) -> str:
    """UTF-16 without a byte order mark: Western text has a NUL at every other place."""
    sample = data[:SAMPLE]
    pairs = len(sample) // 2
    if pairs < 2:
        return ""
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if second > 0.6 * pairs and first < 0.1 * pairs:
        return "utf-16-le"
    if first > 0.6 * pairs and second < 0.1 * pairs:
        return "utf-16-be"
    return ""


def _legacy(sample: bytes) -> str:
    """The code page that makes most sense of bytes that are not UTF-8; Western European where another is no better."""
    guesses = from_bytes(sample, cp_isolation=LEGACY)
    best = guesses.best()
    western = next((guess for guess in guesses if guess.encoding == WESTERN), None)
    if best is None or (western and western.chaos <= best.chaos and western.coherence >= best.coherence):
        return WESTERN
    return best.encoding
