"""Does Journeyman know when it does not know? Questions with the paragraph that answers them left in, and taken out.

    python -m benchmarks.abstention --data DIR [--json]

Every paragraph of `xquad.<lang>.json` becomes passages on the real path (record, chunks, MiniLM, LanceDB). A question's
evidence is the greatest among what retrieval finds for it. AUROC says how well evidence tells answerable questions from
the others; the share of unanswerable questions answered is given where 90 % of the answerable ones are answered, and at
the threshold that the product uses.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.reporting import Goal, print_table, report
from core.knowledge.access import AccessScope
from core.knowledge.embedding import Embedder
from core.knowledge.extraction import ExtractionLimits
from core.knowledge.hearing import HeardMessage, day_of, hear_message
from core.knowledge.indexing import Indexer
from core.knowledge.minilm import MiniLM
from core.knowledge.relevance import RELEVANT_FROM, evidence
from core.knowledge.retrieval import Retrieval
from core.knowledge.stores.lancedb import LanceDBStore
from core.records.database import migrate, open_engine
from core.records.documents import DocumentKind, document_id
from core.records.unit_of_work import Record
from core.records.workspaces import PUBLIC, ChannelKind

PASSAGES = 8  # that an answer may rest on, as the settings' default has it
DAY_S = 86_400
SCOPE = AccessScope("bench", frozenset({PUBLIC}))
ANSWERED = 0.9
AUROC_GOAL = 0.90

Scores = NDArray[np.float64]


def auroc(answerable: Scores, unanswerable: Scores) -> float:
    """The chance that an answerable question has more evidence than an unanswerable one; ties count half."""
    ordered = np.sort(unanswerable)
    below = np.searchsorted(ordered, answerable, side="left")
    not_above = np.searchsorted(ordered, answerable, side="right")
    return float((below + not_above).mean() / 2 / len(ordered))


def evidence_of_questions(file: Path, embedder: Embedder, every: int) -> tuple[Scores, Scores]:
    """The evidence for every so-manieth question with its paragraph left in, and taken out."""
    articles = json.loads(file.read_text())["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    left_in, taken_out = [], []
    with TemporaryDirectory() as folder:
        record, retrieval = _index([paragraph["context"] for paragraph in paragraphs], embedder, Path(folder))
        for number, paragraph in enumerate(paragraphs):
            answers_it = document_id(SCOPE.workspace_id, DocumentKind.DAY, f"C1:{day_of(_ts(number))}")
            for question in paragraph["qas"][number % every :: every]:
                found = retrieval.find(question["question"], SCOPE, 2 * PASSAGES)
                others = [each for each in found if each.document_id != answers_it]
                left_in.append(max(map(evidence, found[:PASSAGES]), default=0.0))
                taken_out.append(max(map(evidence, others[:PASSAGES]), default=0.0))
        record.close()
    return np.array(left_in), np.array(taken_out)


def _index(texts: Sequence[str], embedder: Embedder, folder: Path) -> tuple[Record, Retrieval]:
    """Each text said on a day of its own, so that it is a document of its own."""
    url = f"sqlite:///{folder / 'record.db'}"
    migrate(url)
    record = Record(open_engine(url))
    store = LanceDBStore(folder / "passages", embedder.name, embedder.dimension)
    for number, text in enumerate(texts):
        ts = _ts(number)
        said = HeardMessage(SCOPE.workspace_id, "C1", ChannelKind.PUBLIC, ts, "", "", text, "", ts)
        hear_message(record, said)
    indexer = Indexer(
        record,
        store,
        embedder,
        blobs_dir=folder / "files",
        passage_tokens=128,
        window_pause_s=600,
        limits=ExtractionLimits(),
    )
    indexer.index_everything("bench:1")
    store.tidy()
    return record, Retrieval(record, store, embedder)


def _ts(number: int) -> str:
    return f"{1_600_000_000 + number * DAY_S}.000000"


def figures(name: str, answerable: Scores, unanswerable: Scores) -> dict[str, float]:
    """The figures of one language, or of all together."""
    threshold = float(np.quantile(answerable, 1 - ANSWERED))
    return {
        f"auroc_{name}": auroc(answerable, unanswerable),
        f"threshold_at_90_{name}": threshold,
        f"unanswerable_answered_at_90_{name}": float((unanswerable >= threshold).mean()),
        f"answerable_answered_{name}": float((answerable >= RELEVANT_FROM).mean()),
        f"unanswerable_answered_{name}": float((unanswerable >= RELEVANT_FROM).mean()),
    }


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with xquad.<lang>.json files")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--every", type=int, default=1, help="ask only every so-manieth question, for a quick run")
    options = parser.parse_args()
    files = sorted(options.data.glob("xquad.*.json"))
    if not files:
        raise SystemExit(f"There is no xquad.<lang>.json in {options.data}.")
    embedder = MiniLM()
    scores = {file.name.split(".")[1]: evidence_of_questions(file, embedder, options.every) for file in files}
    together = (np.concatenate([s[0] for s in scores.values()]), np.concatenate([s[1] for s in scores.values()]))
    found: dict[str, float] = {}
    rows: dict[str, list[float]] = {}
    for name, pair in [*scores.items(), ("all", together)]:
        row = figures(name, *pair)
        found |= row
        rows[name] = list(row.values())
    print_table(("AUROC", "at 90 %", "wrong there", f"answered from {RELEVANT_FROM}", "wrong there"), rows)
    report("abstention", found, [Goal("auroc", found["auroc_all"], AUROC_GOAL)], as_json=options.json)


if __name__ == "__main__":
    main()
