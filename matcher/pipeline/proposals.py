"""Skill and knowledge spans that a trained model proposes, whether the inventory knows them or not.

Two models share the words, the features and the decoding: *accurate* is MiniLM-L6 fine-tuned (ONNX, int8),
*fast* a table of token vectors with three convolutions in NumPy. Every text is read on its own, on one
thread, so that neither its neighbours nor the machine's cores change what is found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.errors import ModelError
from matcher.types import BARRIER_KINDS, Mode, Proposal

Floats = NDArray[np.float32]

FOLDER = Path(__file__).parent.parent / "models" / "spans"
LAYERS: tuple[Literal["skill", "knowledge"], ...] = ("skill", "knowledge")
AD_LAYERS = (
    "asked", "required", "preferred", "unstated", "central", "marginal", *BARRIER_KINDS,
)  # fmt: skip
"""Layers of the accurate model that were trained on whole ads: what is asked, with which need,
whether it is central to the job or marginal, and the barriers."""
SHAPES = 16
MAX_PIECES = 254
PIECES_A_WORD = 8
CLS, SEP, UNKNOWN = 101, 102, 100

FILES: dict[Mode, tuple[str, ...]] = {
    "accurate": ("tokenizer.json", "accurate.onnx", "accurate.npz"),
    "fast": ("tokenizer.json", "fast.npz"),
}

# Space cuts, then brackets, quotes, bullets and full stops at a word's ends; the rest stays ("and/or", "C++",
# "type:"), as in the sentences that the models were trained on. Those have lost their commas, so a model never
# sees one; a comma only ends a span of knowledge.
_CHUNK = re.compile(r"[^\s,]+")
_OPENING = "([{\"“”‘'«•·▪►◦●○■*"
_CLOSING = ')]}"“”»…'
_TRIMMED = ":;!?.…-–—/|\"“”'’‘)]}"
_MASKED = re.compile(r"<[A-Za-z_]+>")
_MENDED = str.maketrans({"\x91": "'", "\x92": "'", "\x93": '"', "\x94": '"', "\x95": "•", "\x96": "-", "\x1a": "'"})


class Cut(NamedTuple):
    """The words of a text as the models read them, where they stand, and before which a comma stood."""

    words: list[str]
    at: list[tuple[int, int]]
    after_comma: set[int]


def cut(text: str) -> Cut:
    """Cut a text into the words that the models know.

    Examples
    --------
    >>> cut("Skills: Java, C++ (e.g. Qt).").words
    ['Skills:', 'Java', 'C++', '(', 'e.g.', 'Qt', ')', '.']
    """
    words: list[str] = []
    at: list[tuple[int, int]] = []
    commas: set[int] = set()
    last = 0
    for match in _CHUNK.finditer(text):
        first, end = match.span()
        if "," in text[last:first]:
            # "10,000" is one number, cut in two by the same look for commas
            if words and first - last == 1 and text[first].isdigit() and text[last - 1].isdigit():
                words[-1] += text[last:end]
                at[-1] = (at[-1][0], end)
                last = end
                continue
            commas.add(len(words))
        last = end
        while first < end - 1 and text[first] in _OPENING:
            words.append(text[first])
            at.append((first, first + 1))
            first += 1
        tail: list[int] = []
        while end > first + 1:
            mark = text[end - 1]
            if mark in _CLOSING or (mark == "." and "." not in text[first : end - 1]):
                end -= 1
                tail.append(end)
            else:
                break
        words.append(text[first:end])
        at.append((first, end))
        for place in reversed(tail):
            words.append(text[place])
            at.append((place, place + 1))
    return Cut(words, at, commas)


def shape(word: str) -> int:
    """Class of the form of a word: case, digits, marks; what an uncased encoder does not see.

    Examples
    --------
    >>> [shape(w) for w in ("teamwork", "Java", "AWS", "graphQL", "3+", "<ORGANIZATION>", ":")]
    [1, 3, 5, 7, 9, 15, 11]
    """
    if word.isalpha():
        if word.islower():
            return 1
        if word.isupper() and len(word) > 1:
            return 5
        return 3 if word[0].isupper() and (len(word) == 1 or word[1:].islower()) else 7
    if _MASKED.fullmatch(word):
        return 15
    letters = "".join(c for c in word if c.isalpha())
    if letters:
        return shape(letters) + 1
    if any(c.isdigit() for c in word):
        return 9
    return {".": 10, ":": 11, "-": 12, "/": 12, "(": 13, ")": 13}.get(word, 14)


def spelt(word: str) -> str:
    """The word as the tokenizer is to see it: masked names as one word, Windows' quotes and bullets mended.

    Examples
    --------
    >>> spelt("<ORGANIZATION>"), spelt("team\\x92s")
    ('organization', "team's")
    """
    return word[1:-1].lower() if _MASKED.fullmatch(word) else word.translate(_MENDED)


class Window(NamedTuple):
    """A stretch of words short enough for a model, as numbers."""

    text: int
    first: int
    ids: list[int]
    starts: list[int]
    shapes: list[int]


def windows(texts: Sequence[Sequence[str]], tokenizer: Any) -> list[Window]:
    """Number the words of each text; a text that is too long is cut between words."""
    flat = [spelt(word) for words in texts for word in words]
    encoded = tokenizer.encode(flat, is_pretokenized=True, add_special_tokens=False) if flat else None
    pieces: list[list[int]] = [[] for _ in flat]
    if encoded is not None:
        for id, word in zip(encoded.ids, encoded.word_ids, strict=True):
            pieces[word].append(id)
    out: list[Window] = []
    base = 0
    for text, words in enumerate(texts):
        shapes, begin = [shape(word) for word in words], 0
        while begin < len(words):
            ids, starts, end = [CLS], [], begin
            while end < len(words):
                piece = pieces[base + end][:PIECES_A_WORD] or [UNKNOWN]
                if len(ids) + len(piece) > MAX_PIECES:
                    break
                starts.append(len(ids))
                ids += piece
                end += 1
            out.append(Window(text, begin, [*ids, SEP], starts, shapes[begin:end]))
            begin = end
        base += len(words)
    return out


def decode(emissions: Sequence[Floats], moves: Floats, first: Floats) -> list[NDArray[np.intp]]:
    """Best tags (0 O, 1 B, 2 I) of each window and layer.

    Windows are decoded side by side, padded to the longest; no row enters another's sums.

    Parameters
    ----------
    emissions : sequence of arrays ``(words, layers, 3)``
    moves, first : array
        Log-weights of a tag after another and of a tag at the beginning, ``(layers, 3, 3)`` and ``(layers, 3)``.
    """
    padded = _side_by_side(emissions)
    length, count, layers, _ = padded.shape
    ends = np.array([len(e) for e in emissions]) - 1
    into = np.ascontiguousarray(moves.transpose(0, 2, 1))  # (layers, to, from)
    scores = np.empty_like(padded)
    back = np.zeros((length, count, layers, 3), np.intp)
    scores[0] = first + padded[0]
    for t in range(1, length):
        total = scores[t - 1][:, :, None, :] + into
        back[t] = total.argmax(-1)
        scores[t] = total.max(-1) + padded[t]
    tags = np.empty((length, count, layers), np.intp)
    last = scores[ends, np.arange(count)].argmax(-1)
    rows, columns = np.ogrid[:count, :layers]
    tag = last
    for t in range(length - 1, -1, -1):
        if t < length - 1:
            tag = np.where((ends <= t)[:, None], last, back[t + 1][rows, columns, tag])
        tags[t] = tag
    return [tags[: len(e), i] for i, e in enumerate(emissions)]


def chances(emissions: Sequence[Floats], moves: Floats, first: Floats) -> list[Floats]:
    """Probability of each tag of each word under the chain: forward times backward."""
    padded = _side_by_side(emissions)
    length = len(padded)
    ends = np.array([len(e) for e in emissions]) - 1
    # in double precision the products need to be brought back to one every eighth word only
    weight = np.exp((padded - padded.max(-1, keepdims=True)).astype(np.float64))
    chance = np.exp(moves.astype(np.float64))
    onward = np.empty_like(weight)
    onward[0] = np.exp(first.astype(np.float64)) * weight[0]
    for t in range(1, length):
        onward[t] = np.einsum("nlf,lft->nlt", onward[t - 1], chance) * weight[t]
        if t % 8 == 0:
            onward[t] /= onward[t].sum(-1, keepdims=True)
    ending: dict[int, list[int]] = {}
    for i, e in enumerate(ends.tolist()):
        ending.setdefault(e, []).append(i)
    behind = np.ones_like(weight)
    for t in range(length - 2, -1, -1):
        behind[t] = np.einsum("lft,nlt->nlf", chance, weight[t + 1] * behind[t + 1])
        if t % 8 == 0:
            behind[t] /= behind[t].sum(-1, keepdims=True)
        if t in ending:  # beyond a window's end nothing speaks for any tag
            behind[t, ending[t]] = 1.0
    both = onward * behind
    sure = (both / both.sum(-1, keepdims=True)).astype(np.float32)
    return [sure[: len(e), i] for i, e in enumerate(emissions)]


def _side_by_side(emissions: Sequence[Floats]) -> Floats:
    """All windows in one array ``(words of the longest, windows, layers, 3)``."""
    padded = np.zeros((max(map(len, emissions)), len(emissions), *emissions[0].shape[1:]), np.float32)
    for i, e in enumerate(emissions):
        padded[: len(e), i] = e
    return padded


def _spans(tags: NDArray[np.intp], sure: Floats) -> Iterator[tuple[int, int, int, float]]:
    """Layer, first word, word after the last and score (the least chance of its words) of each span of a window."""
    for layer in range(tags.shape[1]):
        column = tags[:, layer]
        for begin in np.flatnonzero(column == 1).tolist():
            end = begin + 1
            while end < len(column) and column[end] == 2:
                end += 1
            score = min(float(sure[k, layer, column[k]]) for k in range(begin, end))
            yield layer, begin, end, round(score, 4)


class AdTags(NamedTuple):
    """What a model sees in a line of an ad: spans (layer, first word, word after the last, score), and the
    chance of every word to stand in one, a column a layer of `AD_LAYERS`."""

    spans: list[tuple[str, int, int, float]]
    chances: Floats


class SpanModel:
    """A loaded model; call it with texts.

    Examples
    --------
    >>> model = load("fast")
    >>> text = "Good knowledge of Python and SQL."
    >>> [text[p.start : p.end] for p in model([text])[0] if p.layer == "knowledge"]
    ['Python', 'SQL']
    """

    def __init__(self, mode: Mode, tokenizer: Any, emit: Callable[[Sequence[Window]], list[Floats]], moves: Floats, first: Floats) -> None:  # fmt: skip
        self.mode = mode
        self.tokenizer = tokenizer
        self.emit = emit
        self.moves = moves
        self.first = first

    def tag(self, texts: Sequence[Sequence[str]]) -> list[list[tuple[int, int, int, float]]]:
        """Spans of texts that are cut into words already: first word, word after the last, layer, score."""
        numbered = windows(texts, self.tokenizer)
        out: list[list[tuple[int, int, int, float]]] = [[] for _ in texts]
        if not numbered:
            return out
        emissions = [e[:, : len(LAYERS)] for e in self.emit(numbered)]
        moves, first = self.moves[: len(LAYERS)], self.first[: len(LAYERS)]
        for window, tags, sure in zip(numbered, decode(emissions, moves, first), chances(emissions, moves, first), strict=True):  # fmt: skip
            for layer, begin, end, score in _spans(tags, sure):
                out[window.text].append((window.first + begin, window.first + end, layer, score))
        for found in out:
            found.sort()
        return out

    def read(self, texts: list[list[str]]) -> list[AdTags]:
        """What of each text (a list of words) is asked of an applicant, by the layers trained on whole ads."""
        numbered = windows(texts, self.tokenizer)
        found = [AdTags([], np.zeros((len(words), len(AD_LAYERS)), np.float32)) for words in texts]
        if numbered:
            emissions = [e[:, len(LAYERS) :] for e in self.emit(numbered)]
            moves, first = self.moves[len(LAYERS) :], self.first[len(LAYERS) :]
            for window, tags, sure in zip(numbered, decode(emissions, moves, first), chances(emissions, moves, first), strict=True):  # fmt: skip
                there = found[window.text]
                there.chances[window.first : window.first + len(tags)] = 1.0 - sure[:, :, 0]
                for layer, begin, end, score in _spans(tags, sure):
                    there.spans.append((AD_LAYERS[layer], window.first + begin, window.first + end, score))
        return found

    def __call__(self, texts: Sequence[str]) -> list[list[Proposal]]:
        """Propose spans.

        Parameters
        ----------
        texts : sequence of str
            Sentences, lines or bullets; each is read on its own.

        Returns
        -------
        list of list of Proposal
            One list a text, in the order of the text; the two layers may nest.
        """
        cuts = [cut(text) for text in texts]
        out: list[list[Proposal]] = []
        for text, words, found in zip(texts, cuts, self.tag([c.words for c in cuts]), strict=True):
            proposals: list[Proposal] = []
            for first, last, layer, score in found:
                # a comma ends a piece of knowledge, and is within a skill
                ends = [k for k in range(first + 1, last) if layer == 1 and k in words.after_comma]
                for a, b in zip([first, *ends], [*ends, last], strict=True):
                    start, end = _trim(text, words.at[a][0], words.at[b - 1][1])
                    if start < end:
                        proposals.append(Proposal(start, end, LAYERS[layer], score))
            out.append(sorted(proposals, key=lambda p: (p.start, -p.end, p.layer)))
        return out


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Take marks that belong to the sentence from the ends of a span; a bracket opened within it stays."""
    while start < end and (text[start] in _OPENING + _TRIMMED or text[start].isspace()):
        start += 1
    while end > start and text[end - 1] in _TRIMMED:
        if text[end - 1] in ")]}" and any(c in "([{" for c in text[start:end]):
            break
        end -= 1
    return start, end


def _accurate(onnx: Path, table: dict[str, NDArray[Any]]) -> Callable[[Sequence[Window]], list[Floats]]:
    """Emissions of the fine-tuned encoder, a window at a time: int8 scales are taken over what is in the run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(onnx.read_bytes(), options, providers=["CPUExecutionProvider"])
    vectors, scales = table["vectors"], table["scales"]

    def emit(given: Sequence[Window]) -> list[Floats]:
        out: list[Floats] = []
        for window in given:
            embedded = vectors[window.ids].astype(np.float32) * scales[window.ids, None]
            feed = {
                "embedded": embedded,
                "starts": np.array(window.starts, np.int64),
                "shape": np.array(window.shapes, np.int64),
            }
            out.append(session.run(None, feed)[0])
        return out

    return emit


def _fast(table: dict[str, NDArray[Any]]) -> Callable[[Sequence[Window]], list[Floats]]:
    """Emissions of the convolutions: all windows in one array, with gaps that no convolution reaches across."""
    from threadpoolctl import ThreadpoolController

    one_thread = ThreadpoolController()  # products of this size are slower on more
    vectors, scales = table["vectors"], table["scales"]
    gap = int(table["dilations"].max())
    kernels = [(int(d), table[f"conv{i}"], table[f"conv{i}_bias"]) for i, d in enumerate(table["dilations"])]

    def emit(given: Sequence[Window]) -> list[Floats]:
        with one_thread.limit(limits=1, user_api="blas"):
            return convolve(given)

    def convolve(given: Sequence[Window]) -> list[Floats]:
        sizes = [len(window.starts) for window in given]
        ids = np.fromiter((id for window in given for id in window.ids[1:-1]), np.intp)
        pieces = np.fromiter((b - a for w in given for a, b in zip(w.starts, [*w.starts[1:], len(w.ids) - 1], strict=True)), np.intp)  # fmt: skip
        begins = np.concatenate([[0], np.cumsum(pieces)[:-1]])
        words = np.add.reduceat(vectors[ids].astype(np.float32) * scales[ids, None], begins) / pieces[:, None]
        shapes = np.fromiter((s for window in given for s in window.shapes), np.intp)
        # rows of the array: a gap, a window, a gap, a window, …, a gap
        firsts = np.cumsum([gap] + [size + gap for size in sizes[:-1]])
        rows = np.concatenate([np.arange(at, at + size) for at, size in zip(firsts, sizes, strict=True)])
        height = int(rows[-1]) + 1 + gap
        x = np.zeros((height, table["enter"].shape[1]), np.float32)
        x[rows] = np.maximum(words @ table["enter"] + table["shape"][shapes], 0)
        for dilation, kernel, bias in kernels:
            around = np.concatenate([x[rows - dilation], x[rows], x[rows + dilation]], axis=1)
            x[rows] += np.maximum(around @ kernel + bias, 0)
        inner = x[rows]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        means = np.add.reduceat(inner, starts) / np.array(sizes, np.float32)[:, None]
        inner += np.repeat(np.maximum(means @ table["whole"] + table["whole_bias"], 0), sizes, axis=0)
        out = (inner @ table["head"] + table["head_bias"]).reshape(len(rows), -1, 3)
        return np.split(out, starts[1:])

    return emit


def load(mode: Mode = "accurate", folder: Path = FOLDER) -> SpanModel:
    """Load a span model.

    Parameters
    ----------
    mode : {"fast", "accurate"}
    folder : Path, optional
        Where the files lie, with their ``SHA256SUMS``.

    Returns
    -------
    SpanModel

    Raises
    ------
    ModelError
        If a file is missing or is not the one that was shipped.
    """
    _verify(folder, FILES[mode])
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        with np.load(folder / f"{mode}.npz", allow_pickle=False) as stored:
            table = {name: stored[name] for name in stored.files}
        emit = _accurate(folder / "accurate.onnx", table) if mode == "accurate" else _fast(table)
        return SpanModel(mode, tokenizer, emit, table["moves"], table["first"])
    except Exception as error:  # each of the formats has exceptions of its own, up to plain `Exception`
        raise _bad(folder, f"cannot be read ({str(error).splitlines()[0][:120] if str(error) else type(error).__name__})") from error  # fmt: skip


def _verify(folder: Path, files: Sequence[str]) -> None:
    """Compare files with the checksums beside them."""
    sums = folder / "SHA256SUMS"
    try:
        rows = {name: digest for digest, name in (line.split("  ", 1) for line in sums.read_text("ascii").splitlines())}
    except (OSError, ValueError) as error:
        raise _bad(sums, "missing" if isinstance(error, FileNotFoundError) else "cannot be read") from error
    for name in files:
        path = folder / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _bad(path, "missing" if isinstance(error, FileNotFoundError) else "cannot be read") from error
        if found != rows.get(name):
            raise _bad(path, "does not match its checksum in SHA256SUMS")


def _bad(path: Path, what: str) -> ModelError:
    return ModelError(
        "model", f"{path}: {what}", "the model file that came with matcher",
        "install matcher again, or rebuild it with `matcher train spans --data DIR`",
    )  # fmt: skip
