"""Short sentences that only one person sees."""

from bot.views.mrkdwn import escape

HOW_TO_ASK = "Write your question after the command, for example: `/ask Where do I book a meeting room?`"
NOT_READ = (
    "You asked me to forget you, so I do not read what you write, nor answer it here. `/ask` answers you and keeps"
    " nothing of it; `/forget me undo` brings you back."
)
_SHOWN_CHARACTERS = 200


def looking_up(question: str) -> str:
    """Said at once, while the answer is being written."""
    shown = question if len(question) <= _SHOWN_CHARACTERS else question[:_SHOWN_CHARACTERS] + "…"
    return f"Looking that up: _{escape(shown)}_"
