"""Secrets and personal data in text: what must not be learned by a model that speaks to everybody."""

import math
import re
from collections import Counter

import phonenumbers
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_LONG_WORD = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_RANDOM_BITS_PER_CHARACTER = 3.8
"""Words of natural languages, paths and identifiers of this length stay below it; keys do not."""

# The detectors' own entropy plugins want quoted strings, and in prose a public address is no secret.
_LEFT_OUT = {"Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector"}


def secrets_in(text: str) -> list[str]:
    """The kinds of secret that stand in the text, such as "AWS Access Key"."""
    detectors = {kind.__name__ for kind in get_mapping_from_secret_type_to_class().values()} - _LEFT_OUT
    with transient_settings({"plugins_used": [{"name": name} for name in sorted(detectors)]}):
        found = {secret.type for line in text.splitlines() for secret in scan_line(line)}
    if any(_looks_random(word) for word in _LONG_WORD.findall(text)):
        found.add("Random Key")
    return sorted(found)


def personal_data_in(text: str) -> list[str]:
    """The kinds of personal data that stand in the text: "e-mail address", "phone number"."""
    found = []
    if _EMAIL.search(text):
        found.append("e-mail address")
    if next(iter(phonenumbers.PhoneNumberMatcher(text, "US")), None) is not None:
        found.append("phone number")
    return found


def _looks_random(word: str) -> bool:
    if not (any(c.isdigit() for c in word) and any(c.islower() for c in word)):
        return False
    counts = Counter(word).values()
    bits = -sum(n / len(word) * math.log2(n / len(word)) for n in counts)
    return bits >= _RANDOM_BITS_PER_CHARACTER
