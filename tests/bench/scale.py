"""Memory and speed of a batch of very many ads: `python -m tests.bench.scale ADS.jsonl COUNT [--jobs 2]`.

Makes COUNT ads out of a few real ones (5 in 100 the same as an earlier one, 20 nearly the same), runs
`matcher batch` over them, and samples the memory of all its processes together. Takes minutes to hours;
nothing here runs in the tests.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

KEPT = 5_000


def vary(source: Path, count: int) -> Iterator[str]:
    """Ads of 1.5 to 5 kB, put together from sentences of real ones that stood beside one another."""
    with source.open(encoding="utf-8") as file:
        pieces = [re.split(r"(?<=[.!?\n])\s+", json.loads(line)["text"]) for line in file]
    random_ = random.Random(7)
    recent: list[str] = []
    for i in range(count):
        kind = random_.random()
        if kind < 0.05 and recent:
            text = random_.choice(recent)
        elif kind < 0.25 and recent:
            text = f"{random_.choice(recent)} Reference {i}."
        else:
            size, parts = random_.randint(1500, 5000), list[str]()
            while sum(map(len, parts)) < size:
                some = random_.choice(pieces)
                at = random_.randrange(len(some))
                parts += some[at : at + random_.randint(1, 6)]
            text = " ".join(parts)
        if len(recent) < KEPT:
            recent.append(text)
        else:
            recent[random_.randrange(KEPT)] = text
        yield text


def memory(process: psutil.Process) -> list[float]:
    """Resident memory of a process and all below it, in MB; pages that two of them share count twice."""
    found = []
    for one in [process, *process.children(recursive=True)]:
        try:
            found.append(one.memory_info().rss / 1e6)
        except psutil.Error:
            continue
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("ads", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--every", type=float, default=0.5, metavar="SECONDS")
    args, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        made, out = Path(folder, "ads.jsonl"), Path(folder, "out")
        with made.open("w", encoding="utf-8") as file:
            for i, text in enumerate(vary(args.ads, args.count)):
                file.write(json.dumps({"id": str(i), "text": text}) + "\n")
        print(f"{args.count} ads, {made.stat().st_size / 1e6:.0f} MB")
        command = [sys.executable, "-m", "matcher", "batch", str(made), "-o", str(out), "--jobs", args.jobs, *more]
        began, peaks, peak = time.monotonic(), dict[int, float](), 0.0
        running = subprocess.Popen(command)
        process = psutil.Process(running.pid)
        while running.poll() is None:
            try:
                peak = max(peak, now := sum(memory(process)))
            except psutil.Error:
                break
            done = 100 * sum(1 for _ in (out / ".matcher" / "chunks").glob("*.json"))
            step = 10 ** max(0, len(str(done)) - 1)
            peaks[done // step * step] = max(peaks.get(done // step * step, 0.0), now)
            time.sleep(args.every)
        seconds = time.monotonic() - began
        print(
            f"exit {running.returncode}, {seconds:.0f} s, {args.count / seconds:.0f} ads a second, peak {peak:.0f} MB"
        )
        for done, most in sorted(peaks.items()):
            print(f"  from about {done:>9,} ads computed: at most {most:5.0f} MB")
        disk = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        print(
            f"  the folder: {disk / 1e6:.0f} MB, of it hidden {sum(p.stat().st_size for p in (out / '.matcher').rglob('*') if p.is_file()) / 1e6:.0f} MB"
        )


if __name__ == "__main__":
    main()
