"""Messages that carry nothing worth finding: thanks, laughter, acknowledgements and bare emoji.

Only whole messages count, and only words that never answer anything: "yes", "no" and "done" are answers.
"""

import re
import unicodedata

MENTION = re.compile(r"<[@!#][^>]*>|(?<!\w)[@#][\w.-]+")
SHORTCODE = re.compile(r"(?<!\w):[\w+-]+:(?::skin-tone-\d:)?")
REPEATED = re.compile(r"(\w)\1{2,}")
LAUGHTER = re.compile(
    r"(?:a?(?:ha){2,}h?|(?:he){2,}|(?:hi){3,}|(?:ja){3,}|(?:ха){2,}|(?:哈|ㅋ|ㅎ|w){2,}|lo+l+|lmf?ao|rofl|mdr|xd)"
)
SYMBOLS = {"So", "Sk", "Cf", "Mn", "Me", "Po", "Pd", "Ps", "Pe", "Pi", "Pf", "Pc", "Sm", "Zs", "Cc"}

_SAYING_NOTHING = """
thanks thank thankyou thx thnx tnx tks ty tysm cheers ta
ok okay okey okie oki okidoki k kk okok
wow yay woohoo congrats congratulations np yw
danke dankeschön merci gracias grazie obrigado obrigada dank bedankt dankjewel tack takk kiitos
dzięki dziękuję díky děkuji köszi köszönöm mulțumesc hvala teşekkürler спасибо дякую благодаря ευχαριστώ
شكرا תודה धन्यवाद ขอบคุณ 谢谢 謝謝 多谢 好的 ありがとう ありがとうございます 感謝 了解です 감사합니다 고마워 고마워요
"""
# Words that may stand beside those above without adding anything: "thank you so much", "vielen lieben Dank an alle".
_FILLING = """
you so much very many a lot all everyone everybody guys team again for your the help and oh ah
vielen lieben schön sehr euch dir ihnen an alle für die deine eure hilfe und
muchas muchísimas mil a todos todas por la tu su ayuda y
beaucoup bien à tous toutes pour ton votre aide et infiniment
mille molte muito je wel u zeer hartelijk voor de hulp большое огромное πολύ
"""
SAYS_NOTHING = frozenset(_SAYING_NOTHING.split())
FILLERS = frozenset(_FILLING.split())
MOST_WORDS = 8


def is_noise(text: str) -> bool:
    """Whether a whole message is thanks, laughter, an acknowledgement or nothing but emoji and punctuation."""
    named = MENTION.sub(" ", text.casefold())
    bare = SHORTCODE.sub(" ", named)
    if re.fullmatch(r"[\s+]*\+\s*1+[\s!+.]*", bare):
        return True
    plain = "".join(" " if _is_symbol(character) else character for character in bare)
    words = [REPEATED.sub(r"\1", word) if not LAUGHTER.fullmatch(word) else word for word in plain.split()]
    if not words:
        return not MENTION.search(text)  # "@Ana" answers "who?"
    if len(words) > MOST_WORDS or not any(_says_nothing(word) for word in words):
        return False
    return all(_says_nothing(word) or word in FILLERS for word in words)


def _says_nothing(word: str) -> bool:
    return word in SAYS_NOTHING or bool(LAUGHTER.fullmatch(word))


def _is_symbol(character: str) -> bool:
    """Emoji and what joins or colours them, and punctuation; but no accent or vowel sign of a script."""
    if unicodedata.category(character) in ("Mn", "Cf"):
        return character in "\u200d\ufe0e\ufe0f\u200b\ufeff"
    return unicodedata.category(character) in SYMBOLS
