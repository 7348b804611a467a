"""What the pipeline makes of a span model's view of an ad: words, needs, barriers, names beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from matcher.pipeline import Models, read
from matcher.pipeline.asked import load as load_asked
from matcher.pipeline.proposals import AD_LAYERS, AdTags
from matcher.pipeline.reading import Reading
from matcher.pipeline.sections import read_sections
from matcher.pipeline.tagged import TOGETHER, lines_of
from matcher.taxonomy import Taxonomy, load

from .conftest import ROOT

GOLD = ROOT / "corpora" / "gold"


class Seer:
    """A span model that sees what it is told: the words of a span -> its layers; every layer's chance is 0.95."""

    def __init__(self, sees: Mapping[str, tuple[str, ...]], score: float = 0.9) -> None:
        self.sees, self.score = sees, score

    def read(self, texts: list[list[str]]) -> list[AdTags]:
        found = []
        for words in texts:
            spans: list[tuple[str, int, int, float]] = []
            chances = np.zeros((len(words), len(AD_LAYERS)), np.float32)
            taken: set[tuple[str, int]] = set()
            for phrase, layers in sorted(self.sees.items(), key=lambda item: -len(item[0])):
                wanted = phrase.split()
                for at in range(len(words) - len(wanted) + 1):
                    if words[at : at + len(wanted)] == wanted:
                        for layer in layers:
                            if any((layer, k) in taken for k in range(at, at + len(wanted))):
                                continue
                            taken.update((layer, k) for k in range(at, at + len(wanted)))
                            spans.append((layer, at, at + len(wanted), self.score))
                            chances[at : at + len(wanted), AD_LAYERS.index(layer)] = 0.95
            found.append(AdTags(spans, chances))
        return found


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load()


def seen(text: str, taxonomy: Taxonomy, score: float = 0.9, **layers: str) -> Reading:
    """Read an ad with a model that sees, in each layer, the phrases given (separated by ``|``)."""
    sees: dict[str, tuple[str, ...]] = {}
    for layer, phrases in layers.items():
        for phrase in phrases.split("|"):
            sees[phrase] = (*sees.get(phrase, ()), layer)
    return read(text, taxonomy, Models(load_asked("accurate"), Seer(sees, score)))


def test_a_span_is_reported_in_the_ads_own_words(taxonomy: Taxonomy) -> None:
    reading = seen("Duties\n- Answer the  quaint switchboard daily", taxonomy, asked="Answer the quaint switchboard")
    found = {r.label: r for r in reading.requirements}
    mention = found["Answer the quaint switchboard"].mentions[0]
    assert reading.text[mention.start : mention.end] == "Answer the  quaint switchboard"


def test_a_name_that_is_the_whole_span_gives_the_skill(taxonomy: Taxonomy) -> None:
    reading = seen("Requirements\n- MS Excel\n- Python", taxonomy, asked="MS Excel|Python")
    assert [(r.label, r.skill) for r in reading.requirements] == [("MS Excel", "microsoft-excel"), ("Python", "python")]


def test_what_is_too_unsure_is_left_out(taxonomy: Taxonomy) -> None:
    text = "Duties\n- Answer the quaint switchboard daily"
    assert not seen(text, taxonomy, score=0.2, asked="quaint switchboard").requirements


@pytest.mark.parametrize(
    ("text", "layer", "need"),
    [
        ("Requirements\n- Grumbling at maps", "preferred", "preferred"),  # surer than the heading
        ("Requirements\n- Grumbling at maps", "required", "required"),
        ("No Python needed.", "required", "not_required"),  # an explicit "not" is never overruled
    ],
)
def test_needs(taxonomy: Taxonomy, text: str, layer: str, need: str) -> None:
    phrase = "Python" if "Python" in text else "Grumbling at maps"
    reading = seen(text, taxonomy, asked=phrase, **{layer: phrase})
    assert [r.need for r in reading.requirements] == [need]


def test_a_need_that_the_model_decided_says_so(taxonomy: Taxonomy) -> None:
    reading = seen(
        "Requirements\n- Grumbling at maps", taxonomy, asked="Grumbling at maps", preferred="Grumbling at maps"
    )
    assert (reading.requirements[0].mentions[0].cue or "").startswith("model: ")


def test_what_is_central_weighs_more(taxonomy: Taxonomy) -> None:
    reading = seen("Requirements\n- Python\n- SQL", taxonomy, asked="Python|SQL", central="Python", marginal="SQL")
    python, sql = reading.requirements
    assert python.central > 0.5
    assert sql.central < -0.5


def test_barriers_that_no_pattern_knows(taxonomy: Taxonomy) -> None:
    text = "Requirements\n- Beard must be short enough for a mask\n- A degree in law"
    reading = seen(text, taxonomy, other="short enough for a mask", degree="degree in law")
    assert [(b.kind, b.text) for b in reading.barriers if b.kind == "other"] == [("other", "short enough for a mask")]
    assert sum(b.kind == "degree" for b in reading.barriers) == 1  # found by both, told once


def test_years_of_a_models_span(taxonomy: Taxonomy) -> None:
    reading = seen("Requirements\n- 7 winters on trawlers", taxonomy, years="7 winters")
    assert [(b.kind, b.detail) for b in reading.barriers] == [("years", "7")]


def test_alike_is_one_requirement(taxonomy: Taxonomy) -> None:
    text = "Requirements\n- Tagging strategies\n- Excel\nDuties\n- Own the tagging strategy\n- Reports in MS Excel"
    reading = seen(text, taxonomy, asked="Tagging strategies|tagging strategy|Excel|MS Excel")
    assert len(reading.requirements) == 2
    assert all(len(r.mentions) == 2 for r in reading.requirements)


def test_two_names_of_one_skill_are_two_requirements(taxonomy: Taxonomy) -> None:
    if taxonomy.find(["discretion"]) is None:
        pytest.skip("the inventory names no discretion")
    reading = seen("Requirements\n- Discretion\n- Confidentiality", taxonomy, asked="Discretion|Confidentiality")
    assert [r.label for r in reading.requirements] == ["Discretion", "Confidentiality"]


def test_brackets_stay_whole(taxonomy: Taxonomy) -> None:
    reading = seen("Requirements\n- Rigging ( 3A / 3B ) and knots", taxonomy, asked="Rigging ( 3A / 3B|knots")
    assert "Rigging ( 3A / 3B )" in [r.label for r in reading.requirements]


def test_lines_are_read_together_up_to_a_length(taxonomy: Taxonomy) -> None:
    text = "Requirements\n" + "\n".join(f"- thing number {n} that is asked" for n in range(60))
    reading = read_sections(text, taxonomy.vocabulary.__contains__)
    lines = lines_of(reading)
    assert 1 < len(lines) < len(reading.segments)
    assert all(len(words) <= TOGETHER for words, _ in lines)
    places = [place for _, at in lines for place in at if place >= 0]
    assert places == sorted(set(places))


def test_common_skills_are_skills(taxonomy: Taxonomy) -> None:
    from matcher import cues

    common = cues.common()
    assert common
    assert all(skill in taxonomy for skill in common)
    assert all(0 < share <= 1 for share in common.values())
    assert common["english"] > common["sql"] > 0


def test_common_is_what_the_gold_postings_say(taxonomy: Taxonomy, tmp_path: Path) -> None:
    from matcher.training.common import count, write

    write(count([GOLD / "tune.jsonl", *sorted(GOLD.glob("train-*.jsonl"))], taxonomy), tmp_path / "common.csv")
    kept = ROOT / "corpora" / "cues" / "common.csv"
    assert (tmp_path / "common.csv").read_text() == kept.read_text(), "run `matcher train common`"


def test_halves_of_one_written_word_are_joined(taxonomy: Taxonomy) -> None:
    reading = seen("Requirements\n- Zorbquest and maps\n- ZorbQuest tickets", taxonomy, asked="Zorb|Quest|maps")
    assert {r.label for r in reading.requirements} == {"ZorbQuest", "Maps"}
    apart = seen("Requirements\n- PythonQuest", taxonomy, asked="Python|Quest")
    assert "Python" in {r.label for r in apart.requirements}


def test_what_stands_before_a_slash_is_no_article(taxonomy: Taxonomy) -> None:
    reading = seen("Duties\n- Run A/B test readouts", taxonomy, asked="A / B test readouts")
    assert [r.label for r in reading.requirements] == ["A/B test readouts"]


def test_the_reason_names_the_model(taxonomy: Taxonomy) -> None:
    from matcher.report.words import reason

    reading = seen(
        "Requirements\n- Grumbling at maps", taxonomy, asked="Grumbling at maps", preferred="Grumbling at maps"
    )
    assert reason(reading.requirements[0].mentions[0]) == "as the model reads the lines around it (100% sure)"
