"""E-mail (eml) → blocks: who wrote when about what, the text, and the names of what was attached."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from core.knowledge.content import Block
from core.knowledge.readers.html import read_html
from core.knowledge.readers.texts import read_prose

SHOWN = ("Subject", "From", "To", "Cc", "Date")


def read_mail(data: bytes) -> list[Block]:
    """The head, the body (its plain text where there is one) and the list of attachments."""
    mail = message_from_bytes(data, policy=policy.default)
    head = [f"{field}: {mail[field]}" for field in SHOWN if mail[field]]
    attached = [part.get_filename() for part in mail.iter_attachments() if part.get_filename()]
    if attached:
        head.append(f"Attachments: {', '.join(map(str, attached))}")
    subject = str(mail["Subject"] or "")
    return [Block("\n".join(head)), *_body(mail, subject)]


def _body(mail: EmailMessage, subject: str) -> list[Block]:
    body = mail.get_body(preferencelist=("plain", "html"))
    if body is None:
        return []
    charset = body.get_content_charset("utf-8")
    payload = body.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        text = raw.decode(charset, "replace")
    except LookupError:  # an encoding that nobody has heard of
        text = raw.decode("utf-8", "replace")
    if body.get_content_subtype() == "html":
        return [replace(block, heading=block.heading or subject) for block in read_html(text)]
    return read_prose(text.replace("\r\n", "\n"), heading=subject)
