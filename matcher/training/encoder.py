"""A MiniLM encoder with tag layers and a CRF, small enough to train on two cores.

The encoder is written out rather than taken from a library, so that the exported graph holds only
what one unpadded sentence needs (no masks, no batch), and the weights stay plain tensors.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH, DEPTH, HEADS, INNER, VOCAB, POSITIONS = 384, 6, 12, 1536, 30522, 512


class Block(nn.Module):
    """One transformer block, post-norm as in BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        if mask is None:  # the graph that is exported: plain products, which quantise
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS), dim=-1)
            mixed = weights @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, mask, dropout_p=0.1 if self.training else 0.0)
        mixed = mixed.transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.norm1(x + self.drop(self.out(mixed)))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))


class Encoder(nn.Module):
    """MiniLM-L6 up to its last hidden states."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCAB, WIDTH)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.drop = nn.Dropout(0.1)

    def embed(self, ids: Tensor) -> Tensor:
        """Token vectors before places are added: looked up outside of the exported graph."""
        return self.words(ids)

    def forward(self, embedded: Tensor, mask: Tensor | None) -> Tensor:
        x = self.drop(self.norm(embedded + self.places.weight[: embedded.shape[1]]))
        for block in self.blocks:
            x = block(x, mask)
        return x

    def load_minilm(self, file: Path) -> None:
        """Take over the weights of a ``model.safetensors`` of MiniLM-L6 (BERT's names)."""
        from safetensors.torch import load_file

        given = load_file(str(file))
        given = {name.removeprefix("bert."): tensor for name, tensor in given.items()}
        own: dict[str, Tensor] = {
            # the type of a sentence is always the first: its vector is added to the places once and for all
            "words.weight": given["embeddings.word_embeddings.weight"],
            "places.weight": given["embeddings.position_embeddings.weight"]
            + given["embeddings.token_type_embeddings.weight"][0],
            "norm.weight": given["embeddings.LayerNorm.weight"],
            "norm.bias": given["embeddings.LayerNorm.bias"],
        }
        for i in range(DEPTH):
            there, here = f"encoder.layer.{i}.", f"blocks.{i}."
            for kind in ("weight", "bias"):
                own[f"{here}qkv.{kind}"] = torch.cat(
                    [given[f"{there}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
                )
                own[f"{here}out.{kind}"] = given[f"{there}attention.output.dense.{kind}"]
                own[f"{here}norm1.{kind}"] = given[f"{there}attention.output.LayerNorm.{kind}"]
                own[f"{here}up.{kind}"] = given[f"{there}intermediate.dense.{kind}"]
                own[f"{here}down.{kind}"] = given[f"{there}output.dense.{kind}"]
                own[f"{here}norm2.{kind}"] = given[f"{there}output.LayerNorm.{kind}"]
        self.load_state_dict(own)


class Crf(nn.Module):
    """A linear chain over O, B, I for each layer at once; what cannot follow is shut out by a large penalty."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.moves = nn.Parameter(torch.zeros(layers, 3, 3))
        self.first = nn.Parameter(torch.zeros(layers, 3))
        closed = torch.zeros(3, 3)
        closed[0, 2] = -1e4
        begin = torch.tensor([0.0, 0.0, -1e4])
        self.register_buffer("closed", closed, persistent=False)
        self.register_buffer("begin", begin, persistent=False)

    def tables(self) -> tuple[Tensor, Tensor]:
        return self.moves + self.closed, self.first + self.begin

    def forward(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Negative log-likelihood of each sentence in each layer, ``(batch, layers)``."""
        moves, first = self.tables()
        length = emissions.shape[1]
        alpha = first + emissions[:, 0]
        gold_emission = emissions.gather(-1, tags.unsqueeze(-1)).squeeze(-1)
        layers = torch.arange(emissions.shape[2])
        gold = first[layers, tags[:, 0]] + gold_emission[:, 0]
        steps = moves[layers, tags[:, :-1], tags[:, 1:]] + gold_emission[:, 1:]
        gold = gold + (steps * mask[:, 1:, None]).sum(1)
        for t in range(1, length):
            new = torch.logsumexp(alpha.unsqueeze(-1) + moves, dim=-2) + emissions[:, t]
            alpha = torch.where(mask[:, t, None, None], new, alpha)
        return torch.logsumexp(alpha, -1) - gold


class Tagger(nn.Module):
    """Encoder, pooled to words by their first piece, with the form of the word, and a head a layer."""

    def __init__(self, layers: int, shapes: int = 16, extra: int = 24, dropout: float = 0.2) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.shape = nn.Embedding(shapes, extra)
        self.hidden = nn.Linear(WIDTH + extra, 256)
        self.head = nn.Linear(256, layers * 3)
        self.crf = Crf(layers)
        self.drop = nn.Dropout(dropout)
        self.layers = layers
        with torch.no_grad():
            self.shape.weight.mul_(0.1)

    def forward(self, embedded: Tensor, starts: Tensor, shape: Tensor, mask: Tensor | None) -> Tensor:
        """Emissions ``(batch, words, layers, 3)``."""
        hidden = self.encoder(embedded, mask)
        pooled = hidden.gather(1, starts.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
        mixed = torch.cat([pooled, self.shape(shape)], dim=-1)
        mixed = F.gelu(self.hidden(self.drop(mixed)))
        return self.head(self.drop(mixed)).view(*starts.shape, self.layers, 3)


class Exported(nn.Module):
    """What goes into the ONNX file: one sentence, the shipped layers only."""

    def __init__(self, tagger: Tagger, layers: list[int]) -> None:
        super().__init__()
        self.tagger = tagger
        self.kept = layers

    def forward(self, embedded: Tensor, starts: Tensor, shape: Tensor) -> Tensor:
        hidden = self.tagger.encoder(embedded.unsqueeze(0), None)[0]
        pooled = hidden[starts]
        mixed = torch.cat([pooled, self.tagger.shape(shape)], dim=-1)
        emissions = self.tagger.head(F.gelu(self.tagger.hidden(mixed)))
        return emissions.view(-1, self.tagger.layers, 3)[:, self.kept]


DILATIONS = (1, 2, 4)


class FastTagger(nn.Module):
    """Token vectors, the form of the word, three dilated convolutions and the mean of the sentence."""

    def __init__(self, vectors: Tensor, shapes: int = 16, width: int = 128, layers: int = 2) -> None:
        super().__init__()
        self.vectors = nn.EmbeddingBag.from_pretrained(vectors, freeze=False, mode="mean")
        self.shape = nn.Embedding(shapes, 16)
        self.enter = nn.Linear(vectors.shape[1] + 16, width)
        self.convs = nn.ModuleList(nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in DILATIONS)
        self.whole = nn.Linear(width, width)
        self.head = nn.Linear(width, layers * 3)
        self.crf = Crf(layers)
        self.drop = nn.Dropout(0.2)
        self.layers = layers

    def forward(self, ids: Tensor, offsets: Tensor, shape: Tensor, mask: Tensor) -> Tensor:
        """Emissions; `ids` and `offsets` are the pieces of the words under `mask`, in order."""
        vectors = self.vectors(ids, offsets)
        placed = vectors.new_zeros(*mask.shape, vectors.shape[1])
        placed[mask] = vectors
        x = torch.cat([placed, self.shape(shape)], -1)
        inside = mask[..., None].to(x.dtype)
        x = torch.relu(self.enter(self.drop(x))) * inside
        for conv in self.convs:
            x = x + torch.relu(conv(self.drop(x).transpose(1, 2)).transpose(1, 2)) * inside
        x = x + torch.relu(self.whole(x.sum(1) / inside.sum(1)))[:, None] * inside
        return self.head(self.drop(x)).view(*mask.shape, self.layers, 3)
