"""Logging for a process: one line an event, times in UTC, no message text, no tokens."""

import logging
import re
import time

_SECRET = re.compile(r"\b(xox[a-z]|xapp|sk)-[\w.-]{4,}")


class _Redacting(logging.Formatter):
    """Tokens never reach the log, whoever logs them."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """The line with every token blotted out."""
        return _SECRET.sub(r"\1-…", super().format(record))


def start_logging(process: str, level: str) -> None:
    """Log to standard error as `time level process logger: message`."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        _Redacting(f"%(asctime)sZ %(levelname)-7s {process} %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for talkative in ("httpx", "httpcore", "sentence_transformers", "transformers", "apscheduler", "alembic", "lance"):
        logging.getLogger(talkative).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # It warns on every start that it has no faster CPU kernels to download; that changes nothing for anybody.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    # It warns of each attempt to reach the hub; whoever named a model that is not there is told so in one sentence.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    # Debug lines of the SDKs hold whole payloads, and payloads hold what people wrote.
    for payload_logger in ("slack_sdk", "slack_bolt", "openai", "aiohttp", "slack_bolt.AsyncApp"):
        logging.getLogger(payload_logger).setLevel(logging.WARNING)
