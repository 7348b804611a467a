"""What several test modules share: a cache of their own, a small taxonomy and catalogue, the bundled ones."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from matcher import catalogue as catalogues
from matcher import taxonomy as taxonomies
from matcher.catalogue import Catalogue
from matcher.taxonomy import Taxonomy
from matcher.types import Barrier, Requirement

ROOT = Path(__file__).resolve().parent.parent

# Real files of other makers lie beside the checkout, or beside the folder of worktrees; they are not ours to commit.
DATA = next((p for p in (ROOT.parent / "shared" / "data", ROOT.parent.parent / "shared" / "data") if p.is_dir()), ROOT / "none")  # fmt: skip
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")

# The cache of whoever runs the tests is left alone; commands that the tests start find this one too.
_CACHE = tempfile.mkdtemp(prefix="matcher-tests-")
os.environ["MATCHER_CACHE"] = _CACHE
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
os.environ["PYTHONWARNINGS"] = "ignore"

SKILLS = """\
label,type,aliases,broader,ambiguous,related
Programming,knowledge,,,,
Java,tool,,Programming,,
Python,tool,,Programming,,
Scripting in Bash,tool,Bash,Programming,,
SQL,tool,,Databases,,
Databases,knowledge,,,,
Kafka,tool,Apache Kafka,,,
Docker,tool,,,,
SAP,tool,,,,
Xero,tool,,,,Sage
Sage,tool,Sage 50,,Sage,
Office software,knowledge,office suites,,,
Microsoft Excel,tool,Excel|MS Excel,Office software,,
Microsoft Word,tool,Word|MS Word,Office software,Word,
Microsoft Outlook,tool,Outlook|MS Outlook,Office software,Outlook,
Power Pivot,tool,PowerPivot,,,
Power View,tool,PowerView,,,
Welding,hard,,,,
MIG welding,hard,,Welding,,
Forklift driving,hard,forklifts|forklift truck driving,,,
Bookkeeping,hard,,,,
Payroll,hard,payroll processing,,,
Scheduling,hard,preparing schedules,,,
HACCP,knowledge,HACCP principles,Food safety,,
Food safety,knowledge,food hygiene,,,
Food hygiene certificate,credential,food safety certificate,,,
Marketing,knowledge,,,,
Accounting,knowledge,,,,
Computer science,knowledge,,,,
Mathematics,knowledge,maths,,,
French,language,,,,
German,language,,,,
Teamwork,soft,team player,,,
Communication,soft,communication skills,,,
Wound care,hard,,,,
"""

CREDENTIALS = """\
[[credential]]
id = "sql-badge"
name = "SQL badge"
issuer = "Table School"
issuer_kind = "platform"
url = "https://example.org/sql"
type = "badge"
hours = 6
cost = 0
language = ["en"]
mode = ["online"]
assessment = ["quiz"]
status = "active"
as_of = "2026-10"
outcomes = [{skill = "sql", assessment = "quiz", text = "Write queries over several tables"}]

[[credential]]
id = "java-exam"
name = "Java examination"
issuer = "Code Board"
issuer_kind = "association"
url = "https://example.org/java"
type = "certification"
hours = 60
cost = 240
currency = "EUR"
language = ["en", "de"]
country = ["DE"]
mode = ["on_site"]
assessment = ["proctored exam"]
status = "active"
as_of = "2026-10"
outcomes = [{skill = "java", assessment = "exam", text = "Read and write Java programs"}]

[[credential]]
id = "kitchen-card"
name = "Kitchen card"
issuer = "Plate Institute"
issuer_kind = "association"
url = "https://example.org/kitchen"
type = "card"
cost = 35
currency = "GBP"
country = ["GB"]
language = ["en"]
mode = ["online", "on_site"]
assessment = ["practical"]
status = "active"
outcomes = [
  {skill = "haccp", assessment = "practical", text = "Keep a HACCP plan"},
  {skill = "food-safety", assessment = "practical", text = "Handle food safely"},
  {skill = "food-hygiene-certificate", assessment = "practical", text = "Holds as a food hygiene certificate"},
]

[[credential]]
id = "office-old"
name = "Office old"
issuer = "Table School"
issuer_kind = "platform"
url = "https://example.org/old"
type = "certificate"
status = "retired"
outcomes = [{skill = "microsoft-excel", assessment = "practical", text = "Sheets"}]

[[credential]]
id = "office-new"
name = "Office new"
issuer = "Table University"
issuer_kind = "university"
url = "https://example.org/new"
type = "certificate"
hours = 20
language = ["es"]
status = "active"
outcomes = [
  {skill = "microsoft-excel", text = "Sheets"},
  {skill = "microsoft-word", assessment = "taught", text = "Letters"},
]
"""

AD = """\
Stock Data Assistant

About us
Bramble & Fitch ships garden tools all over the country.

What you'll do
- Keep the stock table in Microsoft Excel up to date
- Run payroll with the finance lead

Requirements
- You must know SQL
- Java or Python
- 3+ years of experience with SAP
- A driving licence

Nice to have
- French
- No Docker knowledge needed

Benefits
- Free German lessons
"""


def pytest_unconfigure() -> None:
    shutil.rmtree(_CACHE, ignore_errors=True)


@pytest.fixture(scope="session")
def small_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A taxonomy (CSV) and a catalogue (TOML) that belong together."""
    folder = tmp_path_factory.mktemp("small")
    skills, credentials = folder / "skills.csv", folder / "credentials.toml"
    rows = SKILLS.splitlines()
    ids = {row.split(",")[0]: taxonomies.read.slug(row.split(",")[0]) for row in rows[1:]}
    lines = [rows[0]]
    for row in rows[1:]:
        cells = row.split(",")
        cells[3], cells[5] = ids.get(cells[3], ""), ids.get(cells[5], "")
        lines.append(",".join(cells))
    skills.write_text("\n".join(lines) + "\n", encoding="utf-8")
    credentials.write_text(CREDENTIALS, encoding="utf-8")
    return skills, credentials


@pytest.fixture(scope="session")
def small(small_files: tuple[Path, Path]) -> Taxonomy:
    return taxonomies.load([small_files[0]])


@pytest.fixture(scope="session")
def small_catalogue(small_files: tuple[Path, Path], small: Taxonomy) -> Catalogue:
    return catalogues.load([small_files[1]], small)


@pytest.fixture(scope="session")
def bundled() -> Taxonomy:
    return taxonomies.load()


@pytest.fixture(scope="session")
def bundled_catalogue(bundled: Taxonomy) -> Catalogue:
    return catalogues.load(taxonomy=bundled)


@pytest.fixture(scope="session")
def wanted(small: Taxonomy) -> Callable[[str], dict[str, Requirement]]:
    """Text -> skill id: requirement, with the small taxonomy, by names and rules (the encoder proposes more)."""
    from matcher import extract
    from matcher.types import Posting

    return lambda text: {
        r.skill or r.label: r for r in extract(Posting("x", text), taxonomy=small, model="fast").requirements
    }


@pytest.fixture(scope="session")
def barred(small: Taxonomy) -> Callable[[str], list[Barrier]]:
    """Text -> barriers."""
    from matcher import extract
    from matcher.types import Posting

    return lambda text: list(extract(Posting("x", text), taxonomy=small).barriers)


@pytest.fixture
def ad(tmp_path: Path) -> Path:
    """A job ad as a text file."""
    path = tmp_path / "ad.txt"
    path.write_text(AD, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def command() -> list[str]:
    """How to start matcher as a process of its own."""
    return [sys.executable, "-m", "matcher"]
