"""Words that are grammar rather than matter: question words, articles, auxiliaries."""

import unicodedata

_WRITTEN = {
    "en": "the is are was were what who when where which how why does do did of and to in for we our can there this it",
    "de": "der die das ist sind war waren was wer wann wo welche welcher wie warum wird und von mit für wir im den dem"
    " ein eine nicht auf zu hat haben gibt",
    "es": "el la los las es son qué quién cuándo dónde cuál cuáles cómo cuánto cuántos por para que de del en y un una"
    " se fue hay nuestro está",
    "fr": "le la les est sont qui quand où quel quelle quels comment pourquoi combien que de des du et en un une dans"
    " pour nous notre au aux ce",
    "it": "il lo gli è sono che chi quando dove quale quali come perché quanto di del della e in un una per noi nel",
    "pt": "o os as é são quem quando onde qual quais como por que quanto de do da dos e em um uma para nós nosso no na",
    "nl": "de het is zijn was wie wat wanneer waar welke hoe waarom van en in een voor met wij ons op niet er",
}
STOP_WORDS = {language: frozenset(words.split()) for language, words in _WRITTEN.items()}
"""The commonest small words, by which a text's language is guessed too."""

_MORE = """
 whom whose much many would could should will shall may might must been being have has had into from with about that
 on at by an as or if so not no be but i me my you your he him his she her its up out over please
 they them their there these those than then any some all
 wessen wem wen welches welchem welchen wieviel viele viel kann können muss müssen soll wurde wurden worden einen einem
 einer des sich bei nach aus für an am als auch es er sie ich du man zum zur vom bis um oder dass durch über
 cuál cuánta cuántas quiénes puede tiene tenía era eran fueron ser con sin sobre su sus lo al como
 a o le más entre hasta desde
 care cine când unde cum câte cât ce este sunt era erau din pentru cu la și de pe prin
 ne nedir kim hangi nerede nasıl neden kaç zaman mi mı mu mü bir ve için ile olarak olan
 gì ai khi nào đâu nào bao nhiêu như thế là của và các những được cho trong với một có
 кто что когда где какой какая какое какие каких почему сколько как был была было были есть это для или при
 ποιος ποια ποιο ποιοι ποιες πότε πού πώς γιατί πόσο πόσα πόσοι πόσες τι είναι ήταν και το την του της των στο στην
 στον στη από για με που ένα μια ένας
 من ما ماذا متى أين كيف لماذا كم أي هل هو هي كان كانت في على إلى عن التي الذي
 कौन क्या कब कहाँ कैसे क्यों कितने कितना कितनी किस किसने है हैं था थे थी का के की में से को ने पर और यह
"""


def folded(text: str) -> str:
    """The text without case and accents: "¿Cuándo?" and "cuando?" ask the same."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if unicodedata.category(character) != "Mn")


_FOLDED = frozenset(folded(word) for words in (*STOP_WORDS.values(), _MORE.split()) for word in words)


def is_content_word(word: str) -> bool:
    """Whether the word says what a text is about, rather than being grammar in one of these languages."""
    return folded(word) not in _FOLDED
