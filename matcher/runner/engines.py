"""Where the work is done: in this process, in threads, in processes, or on Dask, Ray or Spark.

Each engine is a way to hand over `compute` with a task and to get a future; none has a code path of
its own for the work. Chunks come back in their order, at most a few ahead are in flight, and the
process that writes the tables is always this one: a worker needs no access to the output folder,
only to the compiled inventories under the same path.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from matcher.errors import InputError, MatcherError
from matcher.runner.chunk import Fault, Part, Task, fault, hard_limit

BACKENDS = ("loky", "threading", "dask", "ray", "spark")

Compute = Callable[[Task], Part]


class Result(Protocol):
    def result(self) -> Part: ...


class Engine(NamedTuple):
    """How to hand over a task, and how many may wait."""

    submit: Callable[[Compute, Task], Result]
    ahead: int


@contextmanager
def opened(backend: str, jobs: int, scheduler: str | None, limit: float | None) -> Iterator[Engine]:
    """Start an engine, and end it.

    Raises
    ------
    InputError
        If the backend is not known, not installed, or cannot do what is asked.
    """
    if backend not in BACKENDS:
        raise InputError("backend", f"backend {backend!r}: not known", " | ".join(BACKENDS), "choose one of these")
    if scheduler is not None and backend not in ("dask", "ray", "spark"):
        raise InputError(
            "scheduler", f"--scheduler {scheduler} with --backend {backend}", "dask, ray or spark", "name one of these"
        )
    if limit is not None and backend == "threading":
        raise InputError(
            "time_limit", "--time-limit with --backend threading: a thread cannot be stopped", "processes",
            "use --backend loky",
        )  # fmt: skip
    jobs = jobs if jobs > 0 else max(1, (os.cpu_count() or 1) + 1 + jobs)
    start = {"loky": _loky, "threading": _threads, "dask": _dask, "ray": _ray, "spark": _spark}[backend]
    if jobs == 1 and limit is None and backend in ("loky", "threading"):
        yield Engine(_now, 0)
        return
    with start(jobs, scheduler) as engine:
        yield engine


class _Done(NamedTuple):
    part: Part

    def result(self) -> Part:
        return self.part


def _now(compute: Compute, task: Task) -> Result:
    return _Done(compute(task))


@contextmanager
def _loky(jobs: int, scheduler: str | None) -> Iterator[Engine]:
    from joblib.externals.loky import get_reusable_executor

    def pool() -> Any:
        # asked for each time: one whose worker died is replaced
        return get_reusable_executor(
            max_workers=jobs, timeout=60, initializer=_end_with_parent, initargs=(os.getpid(),)
        )

    def submit(compute: Compute, task: Task) -> Result:
        try:
            future: Future[Part] = pool().submit(compute, task)
        except RuntimeError:  # it broke between the two
            future = pool().submit(compute, task)
        return future

    try:
        yield Engine(submit, 2 * jobs)
    except BaseException:
        pool().shutdown(wait=False, kill_workers=True)
        raise


def _end_with_parent(parent: int) -> None:
    """A worker whose master was killed would wait on, holding its memory; the master may be gone before this starts."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    if hasattr(os, "fork"):
        threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _threads(jobs: int, scheduler: str | None) -> Iterator[Engine]:
    pool = ThreadPoolExecutor(jobs)
    try:
        yield Engine(pool.submit, 2 * jobs)
    finally:
        pool.shutdown(cancel_futures=True)


def _missing(name: str, error: ImportError) -> InputError:
    return InputError(
        "backend", f"--backend {name}: {error.name or name} is not installed", f"matcher with its extra `{name}`",
        f"pip install 'posting-skill-matcher[{name}]', or use --backend loky",
    )  # fmt: skip


@contextmanager
def _dask(jobs: int, scheduler: str | None) -> Iterator[Engine]:
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise _missing("dask", error) from error
    # a chunk that kills its worker is not tried on three more: we look into it ourselves
    settings = {"distributed.scheduler.allowed-failures": 0}
    with dask.config.set(settings):
        local: dict[str, Any] = {"n_workers": jobs, "threads_per_worker": 1, "dashboard_address": None}
        cluster: Any = scheduler or LocalCluster(processes=True, silence_logs=50, **local)  # type: ignore[no-untyped-call]
        try:
            with Client(cluster, set_as_default=False) as client:  # type: ignore[no-untyped-call]
                slots = max(jobs, sum(client.nthreads().values()))
                yield Engine(lambda compute, task: client.submit(compute, task, pure=False, retries=0), 2 * slots)
        finally:
            if scheduler is None:
                cluster.close()


@contextmanager
def _ray(jobs: int, scheduler: str | None) -> Iterator[Engine]:
    try:
        import ray
    except ImportError as error:
        raise _missing("ray", error) from error
    local = {} if scheduler else {"num_cpus": jobs, "include_dashboard": False}
    ray.init(address=scheduler or "local", log_to_driver=False, logging_level="error", **local)
    known: dict[Compute, Any] = {}

    def submit(compute: Compute, task: Task) -> Result:
        if compute not in known:
            known[compute] = ray.remote(num_cpus=1, max_retries=0)(compute)
        future: Future[Part] = known[compute].remote(task).future()
        return future

    try:
        yield Engine(submit, 2 * int(ray.cluster_resources().get("CPU", jobs)))
    finally:
        ray.shutdown()


@contextmanager
def _spark(jobs: int, scheduler: str | None) -> Iterator[Engine]:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise _missing("spark", error) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(scheduler or f"local[{jobs}]").appName("matcher")
    for key, value in {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.task.maxFailures": "1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.python.worker.reuse": "true",
    }.items():  # fmt: skip
        if scheduler is None or not key.startswith("spark.driver"):
            builder = builder.config(key, value)
    session = builder.getOrCreate()
    context = session.sparkContext
    context.setLogLevel("OFF")
    slots = max(jobs, context.defaultParallelism)
    # a job a chunk, from as many threads as there are slots: Spark's own scheduler deals them out
    with ThreadPoolExecutor(slots) as pool:
        try:
            yield Engine(
                lambda compute, task: pool.submit(lambda: context.parallelize([task], 1).map(compute).collect()[0]),
                2 * slots,
            )
        finally:
            pool.shutdown(cancel_futures=True)
            session.stop()


class Done(NamedTuple):
    """A task that came back; `again` says that it is worth another try in another run."""

    tag: Any
    part: Part | None
    again: bool


def run(engine: Engine, compute: Compute, tasks: Iterable[tuple[Any, Task | None]]) -> Iterator[Done]:
    """The parts of tasks, in their order; a tag without a task passes through in its place."""
    waiting: deque[tuple[Any, Task | None, Result | None]] = deque()
    for tag, task in tasks:
        waiting.append((tag, task, None if task is None else engine.submit(compute, task)))
        while len(waiting) > engine.ahead:
            yield _take(engine, compute, *waiting.popleft())
    while waiting:
        yield _take(engine, compute, *waiting.popleft())


def _take(engine: Engine, compute: Compute, tag: Any, task: Task | None, result: Result | None) -> Done:
    if task is None or result is None:
        return Done(tag, None, False)
    try:
        part = result.result()
    except MatcherError:
        raise
    except Exception:
        # its own worker died, or another that shared the pool: once more, with nothing beside it
        try:
            part = engine.submit(compute, task).result()
        except MatcherError:
            raise
        except Exception:
            part = _in_pieces(engine, compute, task)
    return Done(tag, part, any(error.code in ("timeout", "worker_died") for error in part.errors))


def _in_pieces(engine: Engine, compute: Compute, task: Task) -> Part:
    """A chunk that brings its worker down: find the postings that do it, one after the other, then do the rest."""
    dead: dict[int, Fault] = {}
    for place, posting in enumerate(task.postings):
        began = time.monotonic()
        try:
            engine.submit(compute, replace(task, postings=(posting,), sign=False)).result()
        except MatcherError:
            raise
        except Exception:
            if task.limit is not None and time.monotonic() - began >= hard_limit(task.limit):
                dead[place] = fault(place, posting, "timeout", f"took more than {task.limit:g} s")
            else:
                dead[place] = fault(place, posting, "worker_died", "the process that worked on it ended")
    part = engine.submit(compute, replace(task, skip=frozenset(dead))).result()
    return part._replace(errors=sorted([*part.errors, *dead.values()]))
