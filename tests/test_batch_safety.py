"""A batch that is killed, meets a full disk, a second run, workers that die or hang: nothing is lost, nothing is wrong."""

from __future__ import annotations

import csv
import errno
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from matcher import batch
from matcher.catalogue import Catalogue
from matcher.errors import OutputError
from matcher.runner import chunk, folder, passes, state
from matcher.runner.chunk import Part, Task
from matcher.taxonomy import Taxonomy

Score = Callable[..., Any]
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills by signals")
SKILLS = ["SQL", "Java", "Python", "Xero", "HACCP", "French", "payroll", "Docker", "MIG welding", "Kafka"]


@pytest.fixture
def ads(tmp_path: Path) -> Path:
    """A table of ads: some the same, some nearly, one that fails."""
    lines = ["id,text"]
    for i in range(60):
        skills = " and ".join(SKILLS[(i * k) % 10] for k in (1, 3, 7))
        body = " ".join(f"In week {i} of the year we talk about matter {i * j} of the house." for j in range(1, 6))
        lines.append(f'a{i},"You must know {skills}. {body}"')
    lines += [
        lines[3].replace("a2,", "again,"),
        lines[5].replace("a4,", "near,").replace('."', '. Office 7."'),
        'bad,""',
    ]
    path = tmp_path / "ads.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def score(small: Taxonomy, small_catalogue: Catalogue) -> Score:
    options: dict[str, Any] = {"taxonomy": small, "catalogue": small_catalogue, "chunk_size": 8, "report": False}
    return lambda paths, out, **more: batch([paths], out, **options | more)


def tree(out: Path) -> dict[str, bytes]:
    """All that a run leaves, but for what tells the time."""
    timed = {"report.html", "run.json", "lock"}
    return {
        str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file() and p.name not in timed
    }


def in_a_child(work: Callable[[], object]) -> multiprocessing.Process:
    process: multiprocessing.Process = multiprocessing.get_context("fork").Process(target=work, daemon=True)  # type: ignore[assignment]
    process.start()
    return process


# --- killed


@posix
@pytest.mark.parametrize("step", [13, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_before_any_of_its_writes(
    ads: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Ended just before, or just after, a file takes its name; then run to the end."""
    score(ads, tmp_path / "whole", chunk_size=30)
    expected = tree(tmp_path / "whole")
    real, count = os.replace, 0

    def counted(*args: Any) -> None:
        nonlocal count
        count += 1
        real(*args)

    monkeypatch.setattr(os, "replace", counted)
    score(ads, tmp_path / "counted", chunk_size=30)
    assert count > 10
    for n in range(0, 2 * count, step):

        def ends(*args: Any, n: int = n, calls: list[int] = [0]) -> None:  # noqa: B006
            calls[0] += 1
            if n == 2 * calls[0] - 2:
                os._exit(9)
            real(*args)
            if n == 2 * calls[0] - 1:
                os._exit(9)

        monkeypatch.setattr(os, "replace", ends)
        out = tmp_path / f"out{n}"
        child = in_a_child(lambda out=out: score(ads, out, chunk_size=30))  # type: ignore[misc]
        child.join(60)
        assert child.exitcode == 9, n
        monkeypatch.setattr(os, "replace", real)
        score(ads, out, chunk_size=30)
        assert tree(out) == expected, n


def _killed(ads: Path, tmp_path: Path, score: Score, kills: int) -> None:
    began = time.monotonic()
    score(ads, tmp_path / "whole")
    usual = time.monotonic() - began
    expected = tree(tmp_path / "whole")
    random_, hit, tries, reused = random.Random(kills), 0, 0, 0
    while hit < kills:
        out = tmp_path / f"out{tries}"
        tries += 1
        assert tries < 20 * kills
        for _ in range(3):  # killed up to three times in a row, each time further on
            child = in_a_child(lambda out=out: score(ads, out))  # type: ignore[misc]
            child.join(random_.uniform(0, usual))
            if not child.is_alive():
                break
            os.kill(child.pid or 0, signal.SIGKILL)
            child.join()
            hit += child.exitcode == -signal.SIGKILL
        reused += score(ads, out).reused
        assert tree(out) == expected, tries
    assert reused > 0


@posix
def test_killed_at_random_moments(ads: Path, tmp_path: Path, score: Score) -> None:
    _killed(ads, tmp_path, score, 6)


@posix
@pytest.mark.slow
def test_killed_at_random_moments_often(ads: Path, tmp_path: Path, score: Score) -> None:
    _killed(ads, tmp_path, score, 40)


@posix
@pytest.mark.slow
def test_the_command_is_killed_with_its_workers(
    ads: Path, tmp_path: Path, score: Score, small_files: tuple[Path, Path], command: list[str]
) -> None:
    """Whole processes, two workers; those that outlive their master write nothing."""
    skills, credentials = map(str, small_files)
    words = [*command, "batch", str(ads), "-o", "OUT", "--jobs", "2", "--chunk-size", "8", "--quiet",
             "--taxonomy", skills, "--catalogue", credentials]  # fmt: skip
    score(ads, tmp_path / "whole")
    random_ = random.Random(1)
    out = tmp_path / "out"
    for _ in range(20):
        process = subprocess.Popen([word.replace("OUT", str(out)) for word in words], stderr=subprocess.DEVNULL)
        time.sleep(random_.uniform(0.3, 3))
        process.kill()
        process.wait()
    done = subprocess.run([word.replace("OUT", str(out)) for word in words], capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert tree(out) == tree(tmp_path / "whole")
    # nobody is left behind to hold memory: workers see that their master is gone
    for _ in range(100):
        left = [p for p in psutil.process_iter() if _orphan(p)]
        if not left:
            break
        time.sleep(0.3)
    assert not left


def _orphan(process: psutil.Process) -> bool:
    """A worker of ours without a master; what the test started is told by its cache."""
    try:
        return (
            process.ppid() == 1
            and "popen_loky_posix" in " ".join(process.cmdline())
            and process.environ().get("MATCHER_CACHE") == os.environ["MATCHER_CACHE"]
        )
    except psutil.Error:
        return False


def test_a_file_cut_short_is_made_again(ads: Path, tmp_path: Path, score: Score) -> None:
    """As a file system may leave it that lost its power."""
    out = tmp_path / "out"
    score(ads, out)
    expected = tree(out)
    for path in [*(out / "matches.parquet").iterdir()][:2] + [*(out / state.HIDDEN / "chunks").glob("*.json")][:2]:
        path.write_bytes(path.read_bytes()[:10])
    assert score(ads, out).reused < 60
    assert tree(out) == expected


# --- the disk


def test_a_full_disk(ads: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    score(ads, tmp_path / "whole")
    real = os.fsync
    for after in (0, 5, 20, 40):
        left = [after]

        def full(handle: int, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(handle)

        out = tmp_path / f"out{after}"
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="free some space"):
            score(ads, out)
        assert not list(out.rglob("*.tmp"))
        monkeypatch.setattr(os, "fsync", real)
        score(ads, out)
        assert tree(out) == tree(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux") or os.geteuid() != 0, reason="only root may mount")
def test_a_disk_that_is_really_full(ads: Path, tmp_path: Path, score: Score) -> None:
    score(ads, tmp_path / "whole")
    size = sum(map(len, tree(tmp_path / "whole").values()))
    mount = tmp_path / "disk"
    mount.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size // 2}", "tmpfs", str(mount)], capture_output=True)
    if made.returncode:
        pytest.skip("no mounting here")
    try:
        with pytest.raises(OutputError, match="free some space"):
            score(ads, mount / "out")
        subprocess.run(["mount", "-o", "remount,size=64m", str(mount)], check=True)
        assert score(ads, mount / "out").reused > 0
        assert tree(mount / "out") == tree(tmp_path / "whole")
    finally:
        subprocess.run(["umount", str(mount)], check=False)


# --- two runs at once


def test_a_second_run_stops(ads: Path, tmp_path: Path, score: Score) -> None:
    out = tmp_path / "out"
    score(ads, out)
    before = tree(out)
    with state.locked(out), pytest.raises(OutputError, match="another run is writing there"):
        score(ads, out)
    assert tree(out) == before
    score(ads, out)


# --- what changed


def test_what_changed_is_told(
    ads: Path, tmp_path: Path, score: Score, small_files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from matcher import catalogue, taxonomy

    out, told = tmp_path / "out", list[str]()
    score(ads, out, tell=told.append)
    assert score(ads, out, tell=told.append).reused == 62
    score(ads, out, tell=told.append, near_duplicates=False)
    assert not told
    assert score(ads, out, tell=told.append, top=3).reused == 0
    assert len(told) == 1
    assert told.pop().startswith("option top changed since the last run")
    more = tmp_path / "skills.csv"
    more.write_text(small_files[0].read_text(encoding="utf-8") + "Knitting,hard,,,,\n", encoding="utf-8")
    skills = taxonomy.load([more])
    other = catalogue.load([small_files[1]], skills)
    assert score(ads, out, tell=told.append, top=3, taxonomy=skills, catalogue=other).reused == 0
    assert "taxonomy" in told.pop()
    made_with = folder._made_with
    monkeypatch.setattr(folder, "_made_with", lambda job: made_with(job) | {"matcher": "99"})
    assert score(ads, out, tell=told.append, top=3, taxonomy=skills, catalogue=other).reused == 0
    assert told.pop().startswith("matcher changed")


# --- workers that die or hang


def dies(task: Task) -> Part:
    """As a posting that takes all memory would have it."""
    if any("DEADLY" in p.text for place, p in enumerate(task.postings) if place not in task.skip):
        os.kill(os.getpid(), signal.SIGKILL)
    return chunk.compute(task)


def hangs(task: Task) -> Part:
    """Endless in Python, and endless where no signal is heeded."""
    real = chunk._rows_of

    def endless(posting: Any, *args: Any) -> chunk.Rows:
        if "UNHEEDING" in posting.text:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        while "ENDLESS" in posting.text:
            pass
        return real(posting, *args)

    chunk._rows_of = endless
    try:
        return chunk.compute(task)
    finally:
        chunk._rows_of = real


def failures(out: Path) -> dict[str, str]:
    with (out / "errors.csv").open(encoding="utf-8", newline="") as file:
        return {row["posting"]: row["code"] for row in csv.DictReader(file)}


def spoilt(ads: Path, at: int, word: str) -> Path:
    lines = ads.read_text(encoding="utf-8").splitlines()
    lines[at] = lines[at].replace("You must", f"{word} You must")
    path = ads.with_name(f"spoilt-{at}.csv")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@posix
def test_a_worker_that_dies(ads: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes one posting with it; the rest of its chunk, and of the run, is as ever."""
    bad, out = spoilt(ads, 20, "DEADLY"), tmp_path / "out"
    score(bad, tmp_path / "whole")
    monkeypatch.setattr(passes, "compute", dies)
    result = score(bad, out, jobs=2)
    assert (result.postings, result.failed) == (61, 2)
    assert failures(out) == {"bad": "empty", "a19": "worker_died"}
    whole = pd.read_parquet(tmp_path / "whole" / "requirements.parquet").query("posting != 'a19'")
    assert len(pd.read_parquet(out / "requirements.parquet")) == len(whole)
    # another run tries it again, and only its chunk
    monkeypatch.setattr(passes, "compute", chunk.compute)
    again = score(bad, out)
    assert failures(out) == {"bad": "empty"}
    assert 0 < 62 - again.reused < 30
    assert tree(out) == tree(tmp_path / "whole")


@posix
def test_a_posting_over_its_time(ads: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "compute", hangs)
    out = tmp_path / "out"
    result = score(spoilt(ads, 20, "ENDLESS"), out, time_limit=1)
    assert (result.postings, result.failed) == (61, 2)
    assert failures(out) == {"bad": "empty", "a19": "timeout"}


@posix
@pytest.mark.slow
def test_a_posting_that_heeds_no_signal(
    ads: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "compute", hangs)
    out = tmp_path / "out"
    result = score(spoilt(ads, 20, "ENDLESS UNHEEDING"), out, time_limit=1, jobs=2)
    assert (result.postings, result.failed) == (61, 2)
    assert failures(out) == {"bad": "empty", "a19": "timeout"}


def test_a_fault_of_ours_is_one_row(ads: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    real = chunk._rows_of

    def faulty(posting: Any, *args: Any) -> chunk.Rows:
        if posting.id == "a7":
            raise ZeroDivisionError("by nothing")
        return real(posting, *args)

    monkeypatch.setattr(chunk, "_rows_of", faulty)
    score(ads, tmp_path / "out")
    assert failures(tmp_path / "out") == {"bad": "empty", "a7": "internal"}


def test_copies_of_a_posting_that_fails(
    ads: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = chunk._rows_of

    def faulty(posting: Any, *args: Any) -> chunk.Rows:
        if posting.id == "a2":
            raise MemoryError
        return real(posting, *args)

    monkeypatch.setattr(chunk, "_rows_of", faulty)
    assert score(ads, tmp_path / "out").postings == 60
    assert failures(tmp_path / "out") == {"bad": "empty", "a2": "internal", "again": "internal"}


def test_skipped_postings_leave_the_others_alone(small: Taxonomy, small_catalogue: Catalogue) -> None:
    from matcher.types import Posting

    job = chunk.Job(small.path, small_catalogue.path)
    task = Task(tuple(Posting(f"p{i}", f"You must know SQL in office {i}.") for i in range(4)), job)
    whole, partial = chunk.compute(task), chunk.compute(replace(task, skip=frozenset({1})))
    assert whole.signatures == partial.signatures
    assert len(whole.tables["postings"]) > 0 < len(partial.tables["postings"])
