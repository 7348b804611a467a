"""Speed as ratios within one run, and memory: `pytest tests/bench --benchmark-only -s`.

Each compares matcher with spaCy's blank English pipeline on the same machine in the same minute, so
that the figures mean something elsewhere. One core: start with `taskset -c 0` where there are more.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ..conftest import AD, ROOT

DEV = ROOT.parent / "shared" / "data" / "postings" / "dev.jsonl"
SAMPLES = sorted((ROOT / "corpora" / "postings").glob("*.txt"))
SIZE = 3000


def texts(count: int, seed: int = 1) -> list[str]:
    """Ads of about 3 kB: real ones where they are at hand, else our samples with their lines mixed."""
    random_ = random.Random(seed)
    if DEV.exists():
        with DEV.open(encoding="utf-8") as file:
            whole = [json.loads(line)["text"] for line in file]
        found = [text for text in whole if 2000 <= len(text) <= 4000]
        return [found[i % len(found)] for i in range(count)]
    lines = [line for path in SAMPLES for line in path.read_text(encoding="utf-8").splitlines() if line]
    made = []
    for _ in range(count):
        mixed: list[str] = []
        while sum(map(len, mixed)) < SIZE:
            mixed.append(random_.choice(lines))
        made.append("\n".join(mixed))
    return made


def median_of_pairs(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Medians of two things timed in turn, so that a busy minute hits both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for run, taken in zip((one, other), times, strict=True):
            began = time.perf_counter()
            run()
            taken.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


def test_one_pasted_ad_whole_process(benchmark, capsys) -> None:  # type: ignore[no-untyped-def]
    ad = SAMPLES[0].read_bytes() if SAMPLES else AD.encode()

    def process(*args: str, input: bytes = b"") -> None:
        subprocess.run([sys.executable, *args], input=input, capture_output=True, check=True)

    def ours() -> None:
        process("-m", "matcher", "match", "-", input=ad)

    def theirs() -> None:
        process("-c", "import spacy; spacy.blank('en')")

    ours()
    theirs()
    mine, spacys = median_of_pairs(ours, theirs, rounds=9)
    benchmark.pedantic(ours, rounds=3)
    benchmark.extra_info["ratio"] = mine / spacys
    with capsys.disabled():
        print(
            f"\none pasted ad: {mine:.3f} s, import and blank pipeline {spacys:.3f} s, ratio {mine / spacys:.2f} (at most 2.0)"
        )
    assert mine / spacys <= 2.0


def test_batch_on_one_core(benchmark, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """As a user's batch: extraction, ranking and writing counted; reading the files is not."""
    import spacy

    from matcher import catalogue, taxonomy
    from matcher.runner import batch
    from matcher.types import Posting

    ads = texts(600)
    skills = taxonomy.load()
    credentials = catalogue.load(taxonomy=skills)
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    runs = iter(range(1000))

    def ours() -> None:
        _batch(batch, postings, tmp_path / str(next(runs)), skills, credentials)

    def theirs() -> None:
        for doc in nlp.pipe(ads):
            list(doc.sents)

    postings = [Posting(str(i), text) for i, text in enumerate(ads)]
    ours()
    theirs()
    mine, spacys = median_of_pairs(ours, theirs, rounds=5)
    benchmark.pedantic(ours, rounds=2)
    benchmark.extra_info["ratio"] = mine / spacys
    with capsys.disabled():
        print(
            f"\nbatch of {len(ads)} ads of {sum(map(len, ads)) // len(ads)} characters: {1000 * mine / len(ads):.2f} ms an ad, "
            f"blank pipeline with sentencizer {1000 * spacys / len(ads):.2f} ms, ratio {mine / spacys:.2f} (at most 3.0)"
        )
    assert mine / spacys <= 3.0


def _batch(batch, postings, out, skills, credentials) -> None:  # type: ignore[no-untyped-def]
    """`matcher.batch` with the readers replaced by postings already in memory."""
    from matcher import readers

    real = readers.read_paths
    readers.read_paths = lambda paths: iter(postings)  # type: ignore[assignment]
    try:
        result = batch(["."], out, taxonomy=skills, catalogue=credentials, jobs=1)
    finally:
        readers.read_paths = real
    assert (result.postings, result.reused) == (len(postings), 0)


PROGRAM = """
import resource, sys
from matcher import batch
result = batch([sys.argv[1]], sys.argv[2], jobs=1)
assert result.postings == int(sys.argv[3]), result
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_memory_does_not_grow_with_the_number_of_ads(benchmark, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    base = texts(300)
    words = [word for text in base for word in text.split()]

    def peak(count: int) -> float:
        """Peak resident memory of a whole batch of `count` different ads, in MB."""
        random_ = random.Random(count)
        path = tmp_path / f"{count}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for i in range(count):
                tail = " ".join(random_.choices(words, k=20))
                file.write(json.dumps({"id": str(i), "text": f"{base[i % len(base)]}\n{i} {tail}"}) + "\n")
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(path), str(tmp_path / f"out{count}"), str(count)],
            capture_output=True, text=True, check=True, env=dict(os.environ),
        )  # fmt: skip
        return int(done.stdout) / (1024 if sys.platform != "darwin" else 1024**2)

    few = peak(2_000)
    many = benchmark.pedantic(peak, args=(20_000,), rounds=1)
    benchmark.extra_info.update(few=few, many=many)
    with capsys.disabled():
        print(
            f"\npeak memory: {few:.0f} MB for 2,000 ads, {many:.0f} MB for 20,000, {many - few:+.0f} MB (less than 60)"
        )
    assert many - few < 60
