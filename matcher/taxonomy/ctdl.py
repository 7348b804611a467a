"""A competency framework in CTDL-ASN (Credential Engine's JSON-LD) -> `Skill`s: each competency, under its parents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from matcher.errors import CorpusError
from matcher.jsonld import Graph, first_text, local, refs, types
from matcher.rows import Log, read_json, read_text
from matcher.taxonomy.read import slug
from matcher.types import Skill


def is_framework(start: bytes) -> bool:
    """Whether the first bytes of a file are those of JSON-LD, not of our own JSON."""
    return b'"@graph"' in start or b'"@context"' in start


def read(path: Path, log: Log) -> list[Skill]:
    """The competencies of a framework.

    Notes
    -----
    The label is the competency's label, else its text; its id a slug of that (cut to 60 letters), made
    unique by a number. Weights, education levels and coded notations are left out.
    """
    graph = Graph()
    graph.add(read_json(read_text(path, "no_taxonomy", "a competency framework"), path), path)
    nodes = [node for node in graph.nodes if "Competency" in types(node)]
    found: dict[str, Skill] = {}
    ids: dict[str, str] = {}
    for number, node in enumerate(nodes, 1):
        log.rows += 1
        uri = local(node)
        label = first_text(node, "competencyLabel") or first_text(node, "competencyText")
        if not label:
            log.problem(
                "no_label", path, f"competency {number} ({uri or 'no @id'})", "competencyText", "no label and no text",
                "words", "add ceasn:competencyText",
            )  # fmt: skip
            continue
        base = slug(label)[:60].strip("-") or f"competency-{number}"
        id = base
        same = 1
        while id in found:
            same += 1
            id = f"{base}-{same}"
        found[id] = Skill(id, label, "hard", uri=uri or None, field=path.stem)
        if uri:
            ids.setdefault(uri, id)
    links: dict[str, list[str]] = {id: [] for id in found}
    for node in nodes:
        here = ids.get(local(node))
        if here is None:
            continue
        links[here] += [ids[uri] for uri in refs(node, "isChildOf") if uri in ids]
        for uri in refs(node, "hasChild"):
            if uri in ids:
                links[ids[uri]].append(here)
    if not found and not log.problems:
        raise CorpusError(
            "empty", f"{path}: no ceasn:Competency in it", "a competency framework",
            "credentials are read by `matcher credentials import`",
        )  # fmt: skip
    return [replace(skill, broader=tuple(dict.fromkeys(links[id]))) for id, skill in found.items()]
