"""How long a plan takes after extraction, and its memory: `pytest tests/bench --benchmark-only -s`."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from .test_speed import texts

PROGRAM = """
import json, random, resource, sqlite3, sys, time
from pathlib import Path
from matcher import Limits, catalogue, taxonomy
from matcher.catalogue import Catalogue
from matcher.catalogue.inventory import compile_credentials
from matcher.demand import read_ads
from matcher.ranking.plan import make_plan
from matcher.types import Credential, Outcome, Posting

ads_file, size, limits, path = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]), Path(sys.argv[4])
skills = taxonomy.load()
ads, _, _ = read_ads([Posting(str(n), text) for n, text in enumerate(json.load(open(ads_file)))], skills)
ours = catalogue.load(taxonomy=skills)
made = list(ours.each())
known = sorted({o.skill for c in made for o in c.outcomes})
every = skills.ids()
draw = random.Random(1)
while len(made) < size:
    # as imported courses are: half of their skills among the common ones, hours and prices often not known
    picked = set(draw.choices(known, k=draw.randint(1, 6)) + draw.choices(every, k=draw.randint(1, 6)))
    made.append(Credential(
        f"c{len(made)}", f"Course {len(made)}", issuer=f"Issuer {len(made) % 300}", status="active",
        hours=draw.choice([None, *range(2, 200, 7)]), cost=draw.choice([None, 0, 20, 49, 100, 300]), currency="USD",
        outcomes=tuple(Outcome(s, "unknown", "as the provider says", True) for s in sorted(picked)),
    ))
db = sqlite3.connect(path)
with db:
    compile_credentials(db, made, "bench")
db.close()
del made
began = time.perf_counter()
plan = make_plan(ads, skills, Catalogue(path), limits=Limits(**limits))
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
print(json.dumps([len(ads), seconds, peak, plan.method.name, plan.coverage, plan.method.bound, len(plan.steps)]))
"""


def planned(folder: Path, ads: list[str], size: int, limits: dict[str, float]) -> list[float]:
    path = folder / "ads.json"
    path.write_text(json.dumps(ads), encoding="utf-8")
    catalogue = folder / f"catalogue-{size}-{random.random()}.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), str(size), json.dumps(limits), str(catalogue)],
        capture_output=True, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip
    return json.loads(done.stdout)


def many(count: int) -> list[str]:
    """`count` different ads: real ones where they are at hand, else and beyond them lines of them mixed."""
    found = list(dict.fromkeys(texts(count)))
    lines = [line for text in found for line in text.splitlines() if line.strip()]
    draw = random.Random(2)
    while len(found) < count:
        found.append("\n".join(draw.sample(lines, 30)))
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
@pytest.mark.parametrize("limits", [{"number": 10}, {"hours": 130.0}])
def test_500_ads_1200_credentials(benchmark, capsys, tmp_path: Path, limits: dict[str, float]) -> None:  # type: ignore[no-untyped-def]
    ads, seconds, peak, how, coverage, bound, steps = benchmark.pedantic(
        planned, args=(tmp_path, many(500), 1_200, limits), rounds=1
    )
    with capsys.disabled():
        print(
            f"\n{ads} ads x 1,200 credentials, {limits}: {seconds:.2f} s (less than 5), {peak:.0f} MB, {how}, {steps} steps, "
            f"{coverage:.4f} of at most {bound:.4f}"
        )
    assert seconds < 5


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_1000_ads_70000_credentials(benchmark, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    ads, seconds, peak, how, coverage, bound, steps = benchmark.pedantic(
        planned, args=(tmp_path, many(1_000), 70_000, {"hours": 130.0, "budget": 500.0, "currency": "USD"}), rounds=1
    )
    with capsys.disabled():
        print(
            f"\n{ads} ads x 70,000 credentials: {seconds:.1f} s (less than 60), {peak:.0f} MB (less than 2,000), {how}, "
            f"{steps} steps, {coverage:.4f} of at most {bound:.4f}"
        )
    assert seconds < 60
    assert peak < 2_000
