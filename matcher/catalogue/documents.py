"""JSON files of credentials, whatever their format: told apart node by node, by what they say they are."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matcher.catalogue import ctdl, elm, openbadges, schemaorg
from matcher.catalogue.drafts import Draft
from matcher.errors import CorpusError
from matcher.jsonld import Graph, Node, items, types
from matcher.rows import Log, brief, read_json, read_text

_EXPECTED = "CTDL, Open Badges 3.0, a European Digital Credential, schema.org or the Estonian JSON-LD"


def read(files: Sequence[Path], log: Log) -> list[Draft]:
    """Drafts of all credentials in JSON files; what one file names, another may describe."""
    graph = Graph()
    for path in files:
        graph.add(_unwrapped(_value(path)), path)
    found = drafts_of(graph, log)
    if not found and not log.problems:
        kinds = Counter(kind for node in graph.nodes for kind in types(node) or {"no type"})
        shown = ", ".join(f"{kind} ({n})" for kind, n in kinds.most_common(4))
        framework = "; a competency framework is read by `matcher skills import`" if "Competency" in kinds else ""
        raise CorpusError(
            "no_credentials", f"{', '.join(str(f) for f in files[:3])}: no credential in it, but {shown or 'nothing'}",
            _EXPECTED, f"check the file{framework}",
        )  # fmt: skip
    return found


def drafts_of(graph: Graph, log: Log) -> list[Draft]:
    """Drafts of the nodes of a graph."""
    found: list[Draft] = []
    in_ctdl: list[tuple[str, str, Node]] = []
    for file, place, node in zip(graph.files, graph.places, graph.nodes, strict=True):
        log.rows += 1
        if "_not_a_node" in node:
            log.problem(
                "kind", file, place, "", f"it is {brief(node['_not_a_node'])}", "an object of JSON-LD", "take it out"
            )
        elif elm.is_ours(node):
            found.extend(elm.drafts(file, place, node, graph, log))
        elif openbadges.is_ours(node):
            found.extend(openbadges.drafts(file, place, node, graph, log))
        elif ctdl.is_ours(node):
            in_ctdl.append((file, place, node))
        elif schemaorg.is_ours(node):
            found.extend(schemaorg.drafts(file, place, node, graph, log))
        else:
            log.note(f"entries that are no credential ({', '.join(sorted(types(node))) or 'no type'}), left out")
    found.extend(ctdl.drafts(in_ctdl, graph, log))
    named = [draft for draft in found if draft.values or not draft.claims]
    if len(named) < len(found):
        log.note("competencies without a credential's name, left out; `--have` reads them", len(found) - len(named))
    return named


def wallet(value: object, where: str, log: Log) -> list[Draft]:
    """Drafts of what somebody was awarded: credentials of a wallet, alone, in a list or in a presentation."""
    graph = Graph()
    graph.add(_unwrapped(value), where)
    found: list[Draft] = []
    for file, place, node in zip(graph.files, graph.places, graph.nodes, strict=True):
        if elm.is_ours(node):
            found.extend(elm.drafts(file, place, node, graph, log))
        elif openbadges.is_ours(node):
            found.extend(openbadges.drafts(file, place, node, graph, log))
    return found


def _value(path: Path) -> object:
    text = read_text(path, "no_catalogue", "a file of credentials").strip()
    decoded = decode_jwt(text)
    return decoded if decoded is not None else read_json(text, path)


def decode_jwt(text: str) -> dict[str, Any] | None:
    """What a credential in compact form (a JSON Web Token) says; its signature is not looked at.

    >>> decode_jwt("eyJhbGciOiJub25lIn0.eyJ2YyI6eyJuYW1lIjoiQSJ9fQ.x")
    {'name': 'A'}
    """
    parts = text.strip().split(".")
    if len(parts) != 3 or not text.startswith("ey") or any(c.isspace() for c in text.strip()):
        return None
    try:
        body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    inner = body.get("vc", body)
    return inner if isinstance(inner, dict) else None


def _unwrapped(value: object) -> object:
    """The credentials of a presentation, tokens among them decoded."""
    found: list[object] = []
    for item in items(value):
        held = item.get("verifiableCredential") if isinstance(item, dict) else None
        for inner in items(held) if held is not None else [item]:
            token = decode_jwt(inner) if isinstance(inner, str) else None
            found.append(token if token is not None else inner)
    return found if isinstance(value, list) or len(found) != 1 else found[0]
