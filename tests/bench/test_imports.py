"""Large inventories of others: how long they take to compile, and one pasted ad over them: `pytest tests/bench`."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from ..conftest import DATA, ROOT, needs_data
from .test_speed import median_of_pairs

COLUMNS = "name=title,issuer=organization"
AD = ROOT / "corpora" / "postings" / "data-analyst.txt"


def seventy_thousand(path: Path) -> Path:
    """The 502 listed courses over and over, each time under another title."""
    random_ = random.Random(1)
    endings = ["for beginners", "in practice", "advanced", "capstone", "essentials", "for managers", "workshop", "II"]
    with (DATA / "catalogue-facts" / "coursera-2023.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for number in range(70_000):
            row = rows[number % len(rows)]
            writer.writerow({**row, "title": f"{row['title']} {random_.choice(endings)} {number // len(rows)}"})
    return path


@needs_data
def test_esco_is_compiled_in_time(benchmark, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    program = f"import time; b = time.process_time(); from matcher import taxonomy; t = taxonomy.load([{str(DATA / 'esco-1.1.1')!r}]); print(len(t), time.process_time() - b)"

    def run() -> tuple[int, float]:
        environment = {**os.environ, "MATCHER_CACHE": str(tmp_path / str(time.time_ns()))}
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
        )
        count, seconds = done.stdout.split()
        return int(count), float(seconds)

    count, seconds = benchmark.pedantic(run, rounds=1)
    with capsys.disabled():
        print(f"\nESCO: {count} skills compiled in {seconds:.1f} s of processor time (at most 15)")
    assert count == 13896
    assert seconds <= 15


@needs_data
def test_one_pasted_ad_over_seventy_thousand_credentials(benchmark, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = seventy_thousand(tmp_path / "many.csv")
    ad = AD.read_bytes()

    def process(*args: str) -> None:
        command = [sys.executable, "-m", "matcher", "match", "-", "--format", "json", *args]
        subprocess.run(command, input=ad, capture_output=True, check=True)

    def many() -> None:
        process("--catalogue", str(path), "--columns", COLUMNS)

    process()
    began = time.perf_counter()
    many()
    compiled = time.perf_counter() - began
    theirs, bundled = median_of_pairs(many, process, rounds=9)
    benchmark.pedantic(many, rounds=3)
    benchmark.extra_info.update(ratio=theirs / bundled, compiled=compiled)
    with capsys.disabled():
        print(
            f"\none pasted ad: {theirs:.3f} s over 70,000 imported credentials, {bundled:.3f} s over the bundled ones, ratio "
            f"{theirs / bundled:.2f} (at most 2.0); the first time, with compiling, {compiled:.1f} s"
        )
    assert theirs / bundled <= 2.0
