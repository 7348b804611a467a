"""Many ads -> what each asks: from texts, files, folders, or the folder that a batch wrote."""

from __future__ import annotations

import hashlib
import heapq
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from matcher import ranking
from matcher.errors import InputError, MatcherError
from matcher.pipeline import Models, models, read_posting
from matcher.ranking import Policy
from matcher.readers import Failure, read_paths, read_text
from matcher.taxonomy import Taxonomy
from matcher.types import Ad, Extraction, Mention, Mode, Posting, Requirement, Warning_

Source = str | os.PathLike[str] | Posting | Extraction

_LONGEST_PATH = 300


def read_ads(
    sources: Source | Iterable[Source],
    taxonomy: Taxonomy,
    *,
    have: Mapping[str, str | None] | None = None,
    policy: Policy = ranking.DEFAULT,
    model: Mode = "accurate",
) -> tuple[list[Ad], int, list[Warning_]]:
    """Read ads, each once.

    Parameters
    ----------
    sources : source, or iterable of them
        Paths of files and folders, globs, a folder that `matcher batch` wrote, texts (more than one
        line), postings, extractions.
    taxonomy : Taxonomy
    have : mapping, optional
        Skill id -> level, of the person.
    policy : Policy
    model : {'fast', 'accurate'}
        As in `matcher.extract`.

    Returns
    -------
    ads : list of Ad
    duplicates : int
        How many stood there again, and were not counted again.
    warnings : list of Warning_
        What could not be read.

    Raises
    ------
    InputError
        If nothing could be read; the error of the first that failed.
    """
    if isinstance(sources, (str, os.PathLike, Posting, Extraction)):
        sources = [sources]
    ads, duplicates, failed = each_once(_each(sources, taxonomy, models(model, taxonomy.path)), have, policy)
    if not ads:
        if failed:
            raise failed[0]
        raise InputError("empty", "no job ads given", "files, folders, or a batch's output folder", "name at least one")
    warnings = []
    if failed:
        first = f"{failed[0].what}" + (f" and {len(failed) - 1} more" if len(failed) > 1 else "")
        warnings.append(Warning_("not_read", f"{len(failed)} of the ads could not be read: {first}."))
    if duplicates:
        again = "ad stands" if duplicates == 1 else "ads stand"
        warnings.append(
            Warning_(
                "duplicates",
                f"{duplicates} {again} there again, and {'is' if duplicates == 1 else 'are'} not counted again.",
            )
        )
    return ads, duplicates, warnings


def each_once(
    found: Iterable[tuple[Ad, object] | MatcherError],
    have: Mapping[str, str | None] | None = None,
    policy: Policy = ranking.DEFAULT,
) -> tuple[list[Ad], int, list[MatcherError]]:
    """Different ads with the gaps of a person, how many more stood there again, and what failed.

    Ads are the same where what comes with them is equal.
    """
    ads: list[Ad] = []
    failed: list[MatcherError] = []
    seen: set[object] = set()
    duplicates = 0
    for item in found:
        if isinstance(item, MatcherError):
            failed.append(item)
            continue
        ad, same = item
        if same in seen:
            duplicates += 1
            continue
        seen.add(same)
        weighed = ranking.weigh(ad.requirements, policy) if ad.text is not None else ad.requirements
        held = ranking.apply_have(weighed, have) if have else weighed
        ads.append(Ad(ad.id, held, ad.barriers, ad.text, ad.country))
    return ads, duplicates, failed


def _each(sources: Iterable[Source], taxonomy: Taxonomy, learnt: Models) -> Iterator[tuple[Ad, object] | MatcherError]:
    for source in sources:
        if isinstance(source, Extraction):
            yield _ad(source)
        elif isinstance(source, Posting):
            yield _read(source, taxonomy, learnt)
        elif isinstance(source, str) and ("\n" in source or len(source) > _LONGEST_PATH):
            yield _read(read_text(source), taxonomy, learnt)
        elif is_batch(Path(source)):
            yield from read_batch(Path(source))
        else:
            for posting in read_paths(source):
                yield posting.error if isinstance(posting, Failure) else _read(posting, taxonomy, learnt)


def _read(posting: Posting, taxonomy: Taxonomy, learnt: Models) -> tuple[Ad, object] | MatcherError:
    try:
        return _ad(read_posting(posting, taxonomy, learnt))
    except MatcherError as error:
        return error


def _ad(found: Extraction) -> tuple[Ad, object]:
    barriers = tuple((b.kind, b.need, b.text) for b in found.barriers)
    ad = Ad(
        found.posting.id, found.requirements, barriers, found.posting.text, found.country.code if found.country else None
    )  # fmt: skip
    # an edited extraction may hold other requirements for the same text
    asked = tuple((r.skill or r.label, r.need) for r in found.requirements)
    return ad, ("".join(found.posting.text.split()), asked)


# --- the folder that a batch wrote


def is_batch(path: Path) -> bool:
    """Whether `path` is a folder that `matcher batch` wrote."""
    try:
        return (path / "requirements.parquet").exists() and (path / "run.json").exists()
    except OSError:
        return False


def read_batch(folder: Path, most: int | None = None) -> Iterator[tuple[Ad, object]]:
    """The ads of a batch's output folder, without their texts.

    Parameters
    ----------
    folder : Path
    most : int, optional
        At most so many, and vacancies only: those with the smallest checksums of their ids, which has
        nothing to do with what they ask. Memory and time are then bounded, whatever the folder holds.

    Yields
    ------
    Ad, and what is equal for ads that are the same
        Postings that the batch took for one vacancy are the same; so are those that ask the same, with
        the same title, in the same places.

    Raises
    ------
    InputError
        If its tables are not those that `matcher batch` writes.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds

    try:
        postings = ds.dataset(folder / "postings.parquet")
        wanted = None if most is None else ds.field("posting").isin(pa.array(_drawn(postings, most), pa.string()))
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in ds.dataset(folder / "requirements.parquet").to_table(filter=wanted).to_pylist():
            rows.setdefault(row["posting"], []).append(row)
        # the posting that stands for its vacancy comes before the others
        table = sorted(postings.to_table(filter=wanted).to_pylist(), key=lambda p: bool(p["group"] != p["posting"]))
        vacancies: dict[str, object] = {}
        for posting in table:
            mine = rows.get(posting["posting"], [])
            barriers = tuple((kind, need, text) for kind, need, text in json.loads(posting["barriers"] or "[]"))
            ad = Ad(posting["posting"], tuple(map(_requirement, mine)), barriers, None, posting.get("country"))
            asked = tuple((row["skill"], row["label"], row["need"], row["start"]) for row in mine)
            # the same places of the same requirements: the same ad, a blank line more or less
            same = (posting["title"], asked, barriers) if asked else posting["posting"]
            yield ad, vacancies.setdefault(posting["group"], same)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            "batch_folder", f"{folder}: not a batch's output ({type(error).__name__}: {error})".splitlines()[0],
            "the folder that `matcher batch -o` wrote", "run the batch again",
        ) from error  # fmt: skip


def _drawn(postings: Any, most: int) -> list[str]:
    """Ids of vacancies, the same ones whenever it is asked."""
    ids = (
        id
        for batch in postings.to_batches(columns=["posting", "group"])
        for id, group in zip(batch["posting"].to_pylist(), batch["group"].to_pylist(), strict=True)
        if id == group
    )
    return heapq.nsmallest(most, ids, key=lambda id: hashlib.blake2b(id.encode(), digest_size=8).digest())


def _requirement(row: Mapping[str, Any]) -> Requirement:
    mention = Mention(row["start"], row["end"], row["text"], "none", row["cue"], "batch")
    return Requirement(
        row["requirement"], row["skill"], row["label"], row["type"], row["need"], (mention,), row["weight"], 1.0,
        row["level"], row["years"], row["group"],
    )  # fmt: skip
