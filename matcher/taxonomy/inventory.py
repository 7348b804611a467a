"""The compiled taxonomy: what a phrase means, what a skill is, how skills hang together."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from matcher import store
from matcher.rows import Log
from matcher.taxonomy.compile import compile_skills
from matcher.taxonomy.read import crosswalk_files, read_crosswalk, read_files, skill_files
from matcher.types import Skill, SkillType


class Phrase(NamedTuple):
    """What a sequence of words stands for, and the name under which it is reported."""

    skill: str
    surface: str
    ambiguous: bool
    shown: str


class Phrases(NamedTuple):
    """The phrases that begin with one word: how many words follow (longest first), which come next, all by the rest."""

    lengths: tuple[int, ...]
    seconds: frozenset[str]
    by_rest: dict[str, tuple[str, str, int, str]]

    def get(self, rest: str) -> Phrase | None:
        """The phrase that goes on with these words, separated by spaces."""
        found = self.by_rest.get(rest)
        return Phrase(found[0], found[1], bool(found[2]), found[3]) if found else None


def _phrases(rows: Iterable[tuple[str, str, int, str, str, int, str]]) -> Phrases:
    """The phrases of one first word, from their rows in the database."""
    lengths: set[int] = set()
    by_rest: dict[str, tuple[str, str, int, str]] = {}
    for _, rest, more, skill, surface, ambiguous, shown in rows:
        lengths.add(more)
        by_rest[rest] = (skill, surface, ambiguous, shown)
    return Phrases(tuple(sorted(lengths, reverse=True)), frozenset(rest.partition(" ")[0] for rest in by_rest), by_rest)


class Brief(NamedTuple):
    """What the reading of an ad needs of a skill."""

    id: str
    label: str
    type: SkillType
    field: str | None


class Taxonomy:
    """A compiled inventory of skills, opened lazily; cheap to pickle (only its path travels).

    Parameters
    ----------
    path : Path
        A file made by `load`.

    Examples
    --------
    >>> import matcher
    >>> taxonomy = matcher.taxonomy.load()
    >>> taxonomy.skill("microsoft-excel").label
    'Microsoft Excel'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._phrases: dict[str, Phrases] = {}
        self._skills: dict[str, Skill] = {}
        self._related: dict[str, frozenset[str]] = {}
        self._links: dict[tuple[str, str], tuple[str, ...]] = {}

    def __reduce__(self) -> tuple[type[Taxonomy], tuple[Path]]:
        return Taxonomy, (self.path,)

    @cached_property
    def _db(self) -> sqlite3.Connection:
        return store.connect(self.path)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """Every lower-case word with which a name begins."""
        return frozenset(row[0] for row in self._db.execute("SELECT DISTINCT first FROM phrase"))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every lower-case word that stands in a name."""
        return frozenset(row[0] for row in self._db.execute("SELECT word FROM word"))

    def phrases(self, first: str) -> Phrases | None:
        """Phrases that begin with `first`; None if there is none."""
        if first not in self.first_words:
            return None
        found = self._phrases.get(first)
        if found is None:
            rows = self._db.execute(
                "SELECT first, rest, more, skill, surface, ambiguous, shown FROM phrase WHERE first = ?", (first,)
            )
            found = self._phrases[first] = _phrases(rows)
        return found

    def preload(self) -> None:
        """Load all phrases at once: dearer for one ad, cheaper from some hundreds on."""
        rows = self._db.execute("SELECT first, rest, more, skill, surface, ambiguous, shown FROM phrase")
        self._phrases = {first: _phrases(group) for first, group in groupby(rows, itemgetter(0))}

    def find(self, words: Sequence[str]) -> Phrase | None:
        """The phrase that is exactly these words, if there is one."""
        found = self.phrases(words[0]) if words else None
        return found.get(" ".join(words[1:])) if found else None

    @cached_property
    def brief(self) -> dict[str, Brief]:
        """Label, type and field of every skill, by id."""
        rows = self._db.execute("SELECT id, label, type, field FROM skill")
        return {row[0]: Brief(*row) for row in rows}

    def skill(self, id: str) -> Skill:
        """The skill, or the group of skills, with this id; KeyError if there is none."""
        found = self._skills.get(id)
        if found is None:
            row = self._db.execute(
                "SELECT json FROM skill WHERE id = ?1 UNION ALL SELECT json FROM grouping WHERE id = ?1", (id,)
            ).fetchone()
            if row is None:
                raise KeyError(id)
            fields: dict[str, Any] = json.loads(row[0])
            found = Skill(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})  # type: ignore[arg-type]
            self._skills[id] = found
        return found

    def __contains__(self, id: object) -> bool:
        return self._db.execute("SELECT 1 FROM skill WHERE id = ?", (id,)).fetchone() is not None

    def __len__(self) -> int:
        return int(self.meta["skills"])

    @cached_property
    def meta(self) -> dict[str, str]:
        """Name and counts, as compiled."""
        return dict(self._db.execute("SELECT key, value FROM meta").fetchall())

    def ids(self) -> list[str]:
        """All ids of skills, sorted."""
        return [row[0] for row in self._db.execute("SELECT id FROM skill ORDER BY id")]

    def groups(self) -> list[str]:
        """All ids of headings of the hierarchy that are no skills themselves, sorted."""
        return [row[0] for row in self._db.execute("SELECT id FROM grouping ORDER BY id")]

    def roots(self) -> list[str]:
        """Ids of the skills and groups that have something under them and nothing above, sorted."""
        rows = self._db.execute(
            "SELECT DISTINCT parent FROM link WHERE parent NOT IN (SELECT child FROM link) ORDER BY parent"
        )
        return [row[0] for row in rows]

    def crosswalk(self, id: str) -> tuple[tuple[str, str, str], ...]:
        """What the skill is called elsewhere: scheme, code or URI, kind of match (exact, close, broad, narrow)."""
        rows = self._db.execute(
            "SELECT scheme, code, match FROM crosswalk WHERE skill = ? ORDER BY scheme, code", (id,)
        )
        return tuple((row[0], row[1], row[2]) for row in rows)

    def by_uri(self, uri: str) -> str | None:
        """The id of the skill with this URI, or that the crosswalk says is exactly or closely it."""
        row = self._db.execute("SELECT skill FROM uri WHERE uri = ?", (uri,)).fetchone()
        return row[0] if row and row[0] in self else None

    def parents(self, id: str) -> tuple[str, ...]:
        """Skills of which this is a kind or a piece, one step up."""
        return self._linked("SELECT parent FROM link WHERE child = ? ORDER BY parent", id)

    def children(self, id: str) -> tuple[str, ...]:
        """Kinds and pieces of this skill, one step down."""
        return self._linked("SELECT child FROM link WHERE parent = ? ORDER BY child", id)

    def related(self, id: str) -> frozenset[str]:
        """Near skills that do not stand in for this one: those named so, and siblings."""
        found = self._related.get(id)
        if found is None:
            named = self._linked("SELECT b FROM related WHERE a = ? ORDER BY b", id)
            # two of one group (ESCO's "cleaning") are not near for that
            siblings = (child for parent in self.parents(id) if parent in self for child in self.children(parent))
            found = self._related[id] = frozenset((*named, *siblings)) - {id}
        return found

    def _linked(self, query: str, id: str) -> tuple[str, ...]:
        key = (query, id)
        found = self._links.get(key)
        if found is None:
            found = self._links[key] = tuple(row[0] for row in self._db.execute(query, (id,)))
        return found

    def search(self, text: str, limit: int = 20) -> list[Skill]:
        """Skills whose label or alias holds `text`; exact names first, then the shortest labels."""
        rows = self._db.execute(
            "SELECT DISTINCT s.id, lower(s.label) = lower(?1), length(s.label) FROM skill s JOIN phrase p ON p.skill = s.id "
            "WHERE instr(lower(p.surface), lower(?1)) ORDER BY 2 DESC, 3, 1 LIMIT ?2",
            (text, limit),
        )
        return [self.skill(row[0]) for row in rows]


def load(paths: Sequence[str | Path] = ("bundled",)) -> Taxonomy:
    """Open a taxonomy, compiling it first if its files are new or changed.

    Parameters
    ----------
    paths : sequence of str or Path
        Files or folders of them: CSV, our JSON or Parquet, the download of ESCO or of O*NET;
        ``"bundled"`` names the inventory that comes with matcher.
        Where two have the same id or the same phrase, the earlier one stands.

    Returns
    -------
    Taxonomy

    Raises
    ------
    CorpusError
        If a path is missing or not a taxonomy.
    """
    cues = [store.corpora() / "cues" / name for name in ("spelling.csv", "forms.csv", "tasks.csv", "words.csv")]
    places = [store.corpora() / "skills" if str(path) == "bundled" else Path(path) for path in paths]
    files = [skill_files(place) for place in places]
    crosswalks = [file for place in places for file in crosswalk_files(place)]
    key = store.checksum([*(file for found in files for file in found), *crosswalks, *cues])

    def build(db: sqlite3.Connection) -> None:
        log = Log()
        skills = [skill for found in files for skill in read_files(found, log)]
        walked = read_crosswalk(crosswalks, log)
        log.stop_if_any()
        compile_skills(db, skills, ", ".join(map(str, paths)), walked)

    return Taxonomy(store.cached("taxonomy", key, build))
