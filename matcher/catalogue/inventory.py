"""The compiled catalogue: which outcomes cover a skill, and what is known about a credential."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, cast

from matcher import store
from matcher.catalogue.links import relink
from matcher.catalogue.read import credential_files, read_all
from matcher.rows import Log
from matcher.taxonomy import Taxonomy
from matcher.types import Assessment, Credential, Outcome, Source

_RETIRED, _DEGREE = "retired by its issuer", "a degree, not a short credential"
_BRIEF = (
    "id", "name", "issuer", "issuer_kind", "type", "hours", "cost", "status", "language", "country", "mode", "assessment",
)  # fmt: skip
_LISTS = ("language", "country", "mode", "assessment")


class OutcomeRow(NamedTuple):
    """One outcome of one credential, as the ranking needs it."""

    credential: str
    assessment: Assessment
    text: str | None


class Catalogue:
    """A compiled catalogue, opened lazily; cheap to pickle (only its path travels).

    Examples
    --------
    >>> import matcher
    >>> catalogue = matcher.catalogue.load()
    >>> len(catalogue) >= 250
    True
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._outcomes: dict[str, tuple[OutcomeRow, ...]] = {}
        self._ways: dict[str, list[tuple[str, Assessment]]] = {}
        self._credentials: dict[str, Credential] = {}

    def __reduce__(self) -> tuple[type[Catalogue], tuple[Path]]:
        return Catalogue, (self.path,)

    @cached_property
    def _db(self) -> sqlite3.Connection:
        return store.connect(self.path)

    @cached_property
    def meta(self) -> dict[str, str]:
        """Name and counts, as compiled."""
        return dict(self._db.execute("SELECT key, value FROM meta").fetchall())

    def __len__(self) -> int:
        return int(self.meta["credentials"])

    def __contains__(self, id: object) -> bool:
        return self._db.execute("SELECT 1 FROM credential WHERE id = ?", (id,)).fetchone() is not None

    def ids(self) -> list[str]:
        """All ids, sorted."""
        return [row[0] for row in self._db.execute("SELECT id FROM credential ORDER BY id")]

    def outcomes(self, skill: str) -> tuple[OutcomeRow, ...]:
        """Every outcome on exactly this skill."""
        found = self._outcomes.get(skill)
        if found is None:
            rows = self._db.execute(
                "SELECT credential, assessment, text FROM outcome WHERE skill = ? ORDER BY credential", (skill,)
            )
            found = self._outcomes[skill] = tuple(OutcomeRow(*row) for row in rows)
        return found

    def ways(self, skill: str) -> list[tuple[str, Assessment]]:
        """Which credentials have an outcome on exactly this skill, and how they show it; without the words."""
        found = self._ways.get(skill)
        if found is None:
            found = self._ways[skill] = self._db.execute(
                "SELECT credential, assessment FROM outcome WHERE skill = ? ORDER BY rowid", (skill,)
            ).fetchall()
        return found

    def credential(self, id: str) -> Credential:
        """The credential with this id; KeyError if there is none."""
        found = self._credentials.get(id)
        if found is None:
            row = self._db.execute("SELECT json FROM credential WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise KeyError(id)
            found = self._credentials[id] = _from_json(row[0])
        return found

    def each(self) -> Iterator[Credential]:
        """Every credential, by id; read one after the other and not kept."""
        for row in self._db.execute("SELECT json FROM credential ORDER BY id"):
            yield _from_json(row[0])

    def every_outcome(self) -> Iterator[tuple[int, str, str, Assessment]]:
        """Every outcome as (row, skill, credential, assessment)."""
        yield from self._db.execute(
            "SELECT rowid, skill, credential, assessment FROM outcome ORDER BY credential, rowid"
        )

    def outcome(self, row: int) -> tuple[Assessment, str | None]:
        """How the outcome in `row` of `every_outcome` is shown, and its words."""
        assessment, text = self._db.execute("SELECT assessment, text FROM outcome WHERE rowid = ?", (row,)).fetchone()
        return assessment, text

    @cached_property
    def set_aside(self) -> dict[str, tuple[str, str]]:
        """Credentials that no ranking shows, by id: their name and why."""
        rows = self._db.execute("SELECT id, name, status FROM brief WHERE status = 'retired' OR type = 'degree'")
        return {id: (name, _RETIRED if status == "retired" else _DEGREE) for id, name, status in rows}

    def briefs(self, ids: Collection[str]) -> Iterator[Credential]:
        """What filters ask about these credentials, without the rest: for thousands at once."""
        for row in self._db.execute(f"SELECT {', '.join(_BRIEF)} FROM brief"):
            if row[0] in ids:
                values = dict(zip(_BRIEF, row, strict=True))
                for name in _LISTS:
                    values[name] = tuple(values[name].split("|")) if values[name] else ()
                yield Credential(**values)

    def search(self, text: str, limit: int = 20) -> list[Credential]:
        """Credentials whose name or issuer holds `text`, shortest names first."""
        rows = self._db.execute(
            "SELECT id FROM credential WHERE instr(lower(name || ' ' || coalesce(issuer, '')), lower(?)) "
            "ORDER BY length(name), id LIMIT ?",
            (text, limit),
        )
        return [self.credential(row[0]) for row in rows]


def load(
    paths: Sequence[str | Path] = ("bundled",),
    taxonomy: Taxonomy | None = None,
    columns: Mapping[str, str] | None = None,
) -> Catalogue:
    """Open a catalogue, compiling it first if its files are new or changed.

    Parameters
    ----------
    paths : sequence of str or Path
        Files in any format that `matcher.catalogue.read_credentials` reads, or folders of them;
        ``"bundled"`` names the catalogue that comes with matcher. Where two have the same id, the
        earlier one stands.
    taxonomy : Taxonomy, optional
        The inventory to which skills named by words are linked; the bundled one if not given.
    columns : mapping of str to str, optional
        Our field -> the CSV's column.

    Returns
    -------
    Catalogue

    Raises
    ------
    CorpusError
        If a path is missing or not a catalogue.
    """
    if taxonomy is None:
        from matcher import taxonomy as taxonomies

        taxonomy = taxonomies.load()
    inventory = taxonomy
    files = [
        file
        for path in paths
        for file in credential_files(store.corpora() / "credentials" if str(path) == "bundled" else Path(path))
    ]
    salt = json.dumps(sorted((columns or {}).items()))
    # what words mean, and whether our own ids are known, depends on the taxonomy; so do the words of the formats
    salt += inventory.path.name
    key = store.checksum([*files, store.corpora() / "formats" / "vocabularies.csv"], salt)

    def build(db: sqlite3.Connection) -> None:
        log = Log()
        found = read_all(files, inventory, columns, log)
        log.stop_if_any()
        compile_credentials(db, relink(found, inventory), ", ".join(map(str, paths)))

    return Catalogue(store.cached("catalogue", key, build))


_NAMES = tuple(field.name for field in fields(Credential))


def _to_json(c: Credential) -> str:
    """What is known of a credential; `dataclasses.asdict` copies deeply, which is slow for thousands."""
    known: dict[str, Any] = {name: v for name in _NAMES if (v := getattr(c, name)) not in (None, ())}
    known["outcomes"] = [(o.skill, o.assessment, o.text, o.inferred, o.score) for o in c.outcomes]
    known["sources"] = [(source.url, source.facts) for source in c.sources]
    return json.dumps(known, ensure_ascii=False)


def _from_json(text: str) -> Credential:
    known = json.loads(text)
    outcomes = tuple(Outcome(*o) for o in known.pop("outcomes"))
    sources = tuple(Source(url, tuple(facts)) for url, facts in known.pop("sources"))
    recognised = tuple((body, source) for body, source in known.pop("recognised_by", ()))
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in known.items()}
    return Credential(**plain, outcomes=outcomes, sources=sources, recognised_by=recognised)


def compile_credentials(db: sqlite3.Connection, credentials: Sequence[Credential], name: str) -> None:
    """Write the compiled form of `credentials` into an empty database.

    What every look-up needs is narrow and lies together; the whole record of a credential is apart, read
    for the few that are shown.
    """
    db.executescript(
        f"""CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
        CREATE TABLE credential (id TEXT PRIMARY KEY, name TEXT, issuer TEXT, json TEXT);
        CREATE TABLE brief (id TEXT PRIMARY KEY, {", ".join(_BRIEF[1:])}) WITHOUT ROWID;
        CREATE TABLE outcome (skill TEXT, credential TEXT, assessment TEXT, text TEXT);"""
    )
    in_order = sorted(credentials, key=lambda c: c.id)
    db.executemany("INSERT INTO credential VALUES (?,?,?,?)", ((c.id, c.name, c.issuer, _to_json(c)) for c in in_order))
    db.executemany(
        f"INSERT INTO brief VALUES ({','.join('?' * len(_BRIEF))})",
        ([("|".join(v) if isinstance(v := getattr(c, n), tuple) else v) for n in _BRIEF] for c in in_order),
    )
    # those of one skill lie together, in the order in which their credentials list them
    rows = [(o.skill, c.id, cast(str, o.assessment), o.text) for c in in_order for o in c.outcomes]
    rows.sort(key=lambda row: row[0])
    db.executemany("INSERT INTO outcome VALUES (?,?,?,?)", rows)
    db.execute("CREATE INDEX outcome_skill ON outcome (skill)")
    db.executemany("INSERT INTO meta VALUES (?,?)", [("name", name), ("credentials", str(len(credentials)))])
