"""What Journeyman itself says, in the asker's language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """One language's sentences."""

    unknown: str
    """Nothing relevant was found."""
    ask_me: str
    """The question holds no words."""
    no_model: str
    """No language model is configured."""
    model_down: str
    """The language model failed."""
    model_learns: str
    """The language model makes room for a training run."""
    question_cut: str
    unsourced: str
    """The model named no source."""
    stopped: str
    unsupported: str
    """Before sentences that their sources do not bear out."""
    uncited: str
    """Before sentences that name no source."""
    foreign: str
    """Before numbers, names and links that stand in no source."""
    loosely: str
    """What was found may not be about the question."""


_PHRASES = {
    "en": Phrases(
        unknown="I don't know: I found nothing about this in what I may read here.",
        ask_me="What would you like to know? Please ask me in words.",
        no_model="No language model is set up, so these are the words of the sources.",
        model_down="The language model is not answering right now, so these are the words of the sources.",
        model_learns="I am learning from your approved answers right now, so these are the words of the sources.",
        question_cut="Your question was too long to be read whole: I read its beginning and its end.",
        unsourced="This answer names no source, so check it against the nearest ones.",
        stopped="Stopped before the end.",
        unsupported="Not found in the sources:",
        uncited="Without a source:",
        foreign="In none of the sources:",
        loosely="The sources match your question only loosely, so check this answer.",
    ),
    "de": Phrases(
        unknown="Das weiß ich nicht: In dem, was ich hier lesen darf, habe ich nichts dazu gefunden.",
        ask_me="Was möchtest du wissen? Bitte frag mich in Worten.",
        no_model="Es ist kein Sprachmodell eingerichtet, daher sind dies die Worte der Quellen.",
        model_down="Das Sprachmodell antwortet gerade nicht, daher sind dies die Worte der Quellen.",
        model_learns="Ich lerne gerade aus euren bestätigten Antworten, daher sind dies die Worte der Quellen.",
        question_cut="Deine Frage war zu lang, um ganz gelesen zu werden: Ich habe Anfang und Ende gelesen.",
        unsourced="Diese Antwort nennt keine Quelle, also prüfe sie an den nächstliegenden.",
        stopped="Vor dem Ende angehalten.",
        unsupported="In den Quellen nicht gefunden:",
        uncited="Ohne Quelle:",
        foreign="In keiner der Quellen:",
        loosely="Die Quellen passen nur ungefähr zu deiner Frage, also prüfe diese Antwort.",
    ),
    "es": Phrases(
        unknown="No lo sé: no encontré nada sobre esto en lo que puedo leer aquí.",
        ask_me="¿Qué te gustaría saber? Pregúntamelo con palabras, por favor.",
        no_model="No hay ningún modelo de lenguaje configurado, así que estas son las palabras de las fuentes.",
        model_down="El modelo de lenguaje no responde ahora, así que estas son las palabras de las fuentes.",
        model_learns="Ahora aprendo de las respuestas aprobadas, así que estas son las palabras de las fuentes.",
        question_cut="Tu pregunta era demasiado larga para leerla entera: leí el principio y el final.",
        unsourced="Esta respuesta no nombra ninguna fuente; compruébala con las más cercanas.",
        stopped="Detenida antes del final.",
        unsupported="No encontrado en las fuentes:",
        uncited="Sin fuente:",
        foreign="En ninguna de las fuentes:",
        loosely="Las fuentes solo coinciden en parte con tu pregunta; comprueba esta respuesta.",
    ),
    "fr": Phrases(
        unknown="Je ne sais pas : je n'ai rien trouvé à ce sujet dans ce que je peux lire ici.",
        ask_me="Que voulez-vous savoir ? Posez-moi la question avec des mots, s'il vous plaît.",
        no_model="Aucun modèle de langue n'est configuré : voici donc les mots des sources.",
        model_down="Le modèle de langue ne répond pas pour l'instant : voici donc les mots des sources.",
        model_learns="J'apprends en ce moment de vos réponses approuvées : voici donc les mots des sources.",
        question_cut="Votre question était trop longue pour être lue en entier : j'ai lu le début et la fin.",
        unsourced="Cette réponse ne cite aucune source ; vérifiez-la avec les plus proches.",
        stopped="Arrêtée avant la fin.",
        unsupported="Introuvable dans les sources :",
        uncited="Sans source :",
        foreign="Dans aucune des sources :",
        loosely="Les sources ne correspondent que vaguement à votre question ; vérifiez cette réponse.",
    ),
    "it": Phrases(
        unknown="Non lo so: non ho trovato nulla su questo in ciò che posso leggere qui.",
        ask_me="Che cosa vorresti sapere? Chiedimelo a parole, per favore.",
        no_model="Nessun modello linguistico è configurato, quindi queste sono le parole delle fonti.",
        model_down="Il modello linguistico ora non risponde, quindi queste sono le parole delle fonti.",
        model_learns="In questo momento imparo dalle risposte approvate, quindi queste sono le parole delle fonti.",
        question_cut="La tua domanda era troppo lunga per essere letta tutta: ho letto l'inizio e la fine.",
        unsourced="Questa risposta non cita fonti: verificala con le più vicine.",
        stopped="Fermata prima della fine.",
        unsupported="Non trovato nelle fonti:",
        uncited="Senza fonte:",
        foreign="In nessuna delle fonti:",
        loosely="Le fonti corrispondono solo in parte alla tua domanda: verifica questa risposta.",
    ),
    "pt": Phrases(
        unknown="Não sei: não encontrei nada sobre isto no que posso ler aqui.",
        ask_me="O que gostaria de saber? Pergunte-me com palavras, por favor.",
        no_model="Nenhum modelo de linguagem está configurado; estas são as palavras das fontes.",
        model_down="O modelo de linguagem não está a responder; estas são as palavras das fontes.",
        model_learns="Estou agora a aprender com as respostas aprovadas; estas são as palavras das fontes.",
        question_cut="A sua pergunta era longa demais para ser lida inteira: li o início e o fim.",
        unsourced="Esta resposta não cita nenhuma fonte; confira-a com as mais próximas.",
        stopped="Parada antes do fim.",
        unsupported="Não encontrado nas fontes:",
        uncited="Sem fonte:",
        foreign="Em nenhuma das fontes:",
        loosely="As fontes só correspondem em parte à sua pergunta; verifique esta resposta.",
    ),
    "nl": Phrases(
        unknown="Dat weet ik niet: ik vond hier niets over in wat ik mag lezen.",
        ask_me="Wat wil je weten? Vraag het me alsjeblieft in woorden.",
        no_model="Er is geen taalmodel ingesteld, dus dit zijn de woorden van de bronnen.",
        model_down="Het taalmodel antwoordt nu niet, dus dit zijn de woorden van de bronnen.",
        model_learns="Ik leer nu van goedgekeurde antwoorden, dus dit zijn de woorden van de bronnen.",
        question_cut="Je vraag was te lang om helemaal te lezen: ik heb het begin en het einde gelezen.",
        unsourced="Dit antwoord noemt geen bron; toets het aan de dichtstbijzijnde.",
        stopped="Gestopt voor het einde.",
        unsupported="Niet gevonden in de bronnen:",
        uncited="Zonder bron:",
        foreign="In geen van de bronnen:",
        loosely="De bronnen passen maar ten dele bij je vraag, dus controleer dit antwoord.",
    ),
    "el": Phrases(
        unknown="Δεν ξέρω: δεν βρήκα τίποτα γι' αυτό σε όσα μπορώ να διαβάσω εδώ.",
        ask_me="Τι θα ήθελες να μάθεις; Ρώτησέ με με λόγια, παρακαλώ.",
        no_model="Δεν έχει ρυθμιστεί γλωσσικό μοντέλο, οπότε αυτά είναι τα λόγια των πηγών.",
        model_down="Το γλωσσικό μοντέλο δεν απαντά τώρα, οπότε αυτά είναι τα λόγια των πηγών.",
        model_learns="Αυτή τη στιγμή μαθαίνω από τις εγκεκριμένες απαντήσεις, οπότε αυτά είναι τα λόγια των πηγών.",
        question_cut="Η ερώτησή σου ήταν πολύ μεγάλη για να διαβαστεί ολόκληρη: διάβασα την αρχή και το τέλος.",
        unsourced="Αυτή η απάντηση δεν αναφέρει πηγή· έλεγξέ την με τις πλησιέστερες.",
        stopped="Σταμάτησε πριν το τέλος.",
        unsupported="Δεν βρέθηκε στις πηγές:",
        uncited="Χωρίς πηγή:",
        foreign="Σε καμία από τις πηγές:",
        loosely="Οι πηγές ταιριάζουν μόνο εν μέρει με την ερώτησή σας· ελέγξτε αυτή την απάντηση.",
    ),
    "ru": Phrases(
        unknown="Не знаю: в том, что мне можно здесь читать, я ничего об этом не нашёл.",
        ask_me="Что вы хотите узнать? Спросите меня, пожалуйста, словами.",
        no_model="Языковая модель не настроена, поэтому это слова источников.",
        model_down="Языковая модель сейчас не отвечает, поэтому это слова источников.",
        model_learns="Сейчас я учусь на одобренных ответах, поэтому это слова источников.",
        question_cut="Вопрос слишком длинный, чтобы прочесть его целиком: я прочёл начало и конец.",
        unsourced="В этом ответе не назван источник; сверьте его с ближайшими.",
        stopped="Остановлено до конца.",
        unsupported="Не найдено в источниках:",
        uncited="Без источника:",
        foreign="Ни в одном из источников:",
        loosely="Источники лишь отчасти подходят к вашему вопросу, поэтому проверьте этот ответ.",
    ),
    "zh": Phrases(
        unknown="我不知道：在我可以阅读的内容里没有找到相关信息。",
        ask_me="您想了解什么？请用文字向我提问。",
        no_model="尚未配置语言模型，因此这里引用的是来源原文。",
        model_down="语言模型目前没有响应，因此这里引用的是来源原文。",
        model_learns="我正在学习已认可的回答，因此这里引用的是来源原文。",
        question_cut="您的问题太长，无法完整阅读：我只读了开头和结尾。",
        unsourced="这个回答没有注明来源，请对照最接近的来源核实。",
        stopped="已中途停止。",
        unsupported="来源中未找到：",
        uncited="没有来源：",
        foreign="任何来源中都没有：",
        loosely="来源与您的问题只有部分相符，请核实这个回答。",
    ),
    "ja": Phrases(
        unknown="わかりません。ここで読める範囲には、これに関する情報が見つかりませんでした。",
        ask_me="何をお知りになりたいですか？言葉で質問してください。",
        no_model="言語モデルが設定されていないため、情報源の文をそのまま引用しています。",
        model_down="言語モデルが現在応答していないため、情報源の文をそのまま引用しています。",
        model_learns="承認された回答を学習中のため、情報源の文をそのまま引用しています。",
        question_cut="質問が長すぎて全部は読めませんでした。最初と最後だけを読みました。",
        unsourced="この回答には出典がありません。近い情報源で確認してください。",
        stopped="途中で停止しました。",
        unsupported="情報源に見つかりません：",
        uncited="出典なし：",
        foreign="どの情報源にもありません：",
        loosely="情報源はご質問に部分的にしか合っていません。この回答をご確認ください。",
    ),
    "ko": Phrases(
        unknown="모르겠습니다. 여기서 읽을 수 있는 내용에서 관련 정보를 찾지 못했습니다.",
        ask_me="무엇을 알고 싶으신가요? 글로 질문해 주세요.",
        no_model="언어 모델이 설정되지 않아 출처의 문장을 그대로 인용합니다.",
        model_down="언어 모델이 지금 응답하지 않아 출처의 문장을 그대로 인용합니다.",
        model_learns="승인된 답변을 학습하는 중이어서 출처의 문장을 그대로 인용합니다.",
        question_cut="질문이 너무 길어 전부 읽지 못했습니다. 처음과 끝만 읽었습니다.",
        unsourced="이 답변에는 출처가 없습니다. 가장 가까운 출처와 대조해 확인하세요.",
        stopped="끝나기 전에 중지되었습니다.",
        unsupported="출처에서 찾을 수 없음:",
        uncited="출처 없음:",
        foreign="어느 출처에도 없음:",
        loosely="출처가 질문과 일부만 맞으니 이 답변을 확인하세요.",
    ),
}


def phrases_for(language: str) -> Phrases:
    """The sentences in this language, in English where it is not spoken."""
    return _PHRASES.get(language, _PHRASES["en"])
