"""A prompt as the messages of a chat: rules first, earlier turns as turns, then the sources and the question."""

from core.answering.models.language_model import Prompt, Source

Message = dict[str, str]


def as_messages(prompt: Prompt, *, system_role: bool = True) -> list[Message]:
    """The chat. Without a system role the rules stand at the head of the first message of the user."""
    messages: list[Message] = []
    for turn in prompt.turns:
        messages.append({"role": "user", "content": turn.question})
        messages.append({"role": "assistant", "content": turn.answer})
    messages.append({"role": "user", "content": _asked(prompt)})
    if system_role:
        return [{"role": "system", "content": prompt.instructions}, *messages]
    messages[0]["content"] = f"{prompt.instructions}\n\n{messages[0]['content']}"
    return messages


def _asked(prompt: Prompt) -> str:
    shown = "\n".join(_shown(source) for source in prompt.sources)
    return f"Sources:\n{shown}\n\nQuestion: {prompt.question}"


def _shown(source: Source) -> str:
    return f'<source id="{source.marker}" name="{source.name}">\n{source.text}\n</source>'
