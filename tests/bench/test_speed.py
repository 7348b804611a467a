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
    """At most `count` different ads of about 3 kB: real ones where they are at hand, else our samples' lines mixed."""
    random_ = random.Random(seed)
    if DEV.exists():
        with DEV.open(encoding="utf-8") as file:
            whole = [json.loads(line)["text"] for line in file]
        found = [text for text in whole if 1500 <= len(text) <= 6000]
        return found[:count]
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


OURS = """
import json, sys, time
from matcher import batch, readers
from matcher.types import Posting
ads = [Posting(str(i), text) for i, text in enumerate(json.load(open(sys.argv[1], encoding="utf-8")))]
def run(postings, out):
    readers.read_paths = lambda paths, **_: iter(postings)  # reading is not counted
    began = time.perf_counter()
    result = batch(["."], out, jobs=1, near_duplicates=False, report=False)
    assert (result.postings, result.reused) == (len(postings), 0), result
    return time.perf_counter() - began
run(ads[:1], sys.argv[2] + "/0")  # what is imported and opened once
print(json.dumps([run(ads, f"{sys.argv[2]}/{n}") for n in "12"]))
"""
SPACYS = """
import json, sys, time
import spacy
ads = json.load(open(sys.argv[1], encoding="utf-8"))
nlp = spacy.blank("en")
nlp.add_pipe("sentencizer")
def run(texts):
    began = time.perf_counter()
    for doc in nlp.pipe(texts):
        list(doc.sents)
    return time.perf_counter() - began
run(ads[:1])
print(json.dumps([run(ads) for n in "12"]))
"""


def test_batch_on_one_core(benchmark, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """As a user's batch: extraction, ranking and writing counted, reading not; each text once, in a new process.

    Both sides keep what they saw (spaCy its tokens, matcher its look-ups), so a second pass over the
    same texts is printed too; nobody runs one.
    """
    ads = list(dict.fromkeys(texts(794)))
    path = tmp_path / "ads.json"
    path.write_text(json.dumps(ads), encoding="utf-8")
    runs = iter(range(1000))
    passes: dict[str, list[list[float]]] = {OURS: [], SPACYS: []}

    def process(program: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", program, str(path), str(tmp_path / f"out{next(runs)}")],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        passes[program].append(json.loads(done.stdout))

    median_of_pairs(lambda: process(OURS), lambda: process(SPACYS), rounds=5)
    benchmark.pedantic(process, args=(OURS,), rounds=1)
    (mine, mine_again), (spacys, spacys_again) = (
        [1000 * statistics.median(column) / len(ads) for column in zip(*taken, strict=True)]
        for taken in passes.values()
    )
    benchmark.extra_info.update(ratio=mine / spacys, ratio_second_pass=mine_again / spacys_again)
    with capsys.disabled():
        print(
            f"\nbatch of {len(ads)} ads of {sum(map(len, ads)) // len(ads)} characters: {mine:.2f} ms an ad, blank pipeline "
            f"with sentencizer {spacys:.2f} ms, ratio {mine / spacys:.2f} (at most 8.0); second pass over the same texts "
            f"{mine_again:.2f} and {spacys_again:.2f} ms, ratio {mine_again / spacys_again:.2f}"
        )
    assert mine / spacys <= 8.0


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
