"""Which links an answer may hold: those of its sources and those that stand in them."""

import re
from collections.abc import Iterable

URL_CHARACTER = r"[^\s<>\"'`|\\^{}()\[\]]"
LABEL = r"[A-Za-z0-9\-]"
# Slack makes links of bare domains too. File names end like many country domains, so only common ones are looked for.
TOP_LEVEL = (
    "com|net|org|edu|gov|io|co|dev|app|ai|me|tv|cc|gg|ly|info|biz|xyz|site|online|top|click|link|live|shop|store|club"
    "|cloud|tech|space|website|zip|mov|eu|uk|us|de|fr|es|it|nl|ch|at|gr|pt|pl|se|no|dk|fi|ru|ua|cn|jp|kr|in|br|mx|au|ca"
)
# No @ at the end: what follows it may be somebody's name.
_REST = rf"(?:{URL_CHARACTER}{{0,2047}}(?!@){URL_CHARACTER})?"
URL = rf"(?:[A-Za-z][A-Za-z0-9+.\-]{{1,20}}://|www\.){_REST}"
DOMAIN = rf"(?:{LABEL}{{1,63}}\.){{1,6}}(?:{TOP_LEVEL})(?![\w\-]|\.\w)(?:/{_REST})?"

_ANY_LINK = re.compile(rf"{URL}|{DOMAIN}", re.IGNORECASE)
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*://")


class AllowedLinks:
    """The links of these addresses and texts, and nothing that merely looks like one of them."""

    def __init__(self, addresses: Iterable[str], texts: Iterable[str]) -> None:
        self._allowed: set[str] = set()
        for address in addresses:
            self._allow(address)
            # An address with brackets in it is seen only up to the bracket when it stands in a text.
            self._allow_all_in(address)
        for text in texts:
            self._allow_all_in(text)

    def __contains__(self, link: str) -> bool:
        """Whether the link may stand in the answer as it is."""
        return _canonical(link) in self._allowed

    def _allow_all_in(self, text: str) -> None:
        for found in _ANY_LINK.finditer(text):
            self._allow(found.group())

    def _allow(self, link: str) -> None:
        if not link:
            return
        full = _canonical(link)
        bare = _SCHEME.sub("", full)
        self._allowed |= {full, bare, bare.split("/", 1)[0]}


def _canonical(link: str) -> str:
    link = link.rstrip(".,;:!?*_~/…")
    scheme = _SCHEME.match(link)
    start = scheme.end() if scheme else 0
    end = link.find("/", start)
    end = len(link) if end < 0 else end
    return link[:end].lower() + link[end:]
