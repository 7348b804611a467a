"""HTML -> text that keeps its lines and bullets; the JSON-LD that a page carries."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

BULLET = "• "
CELL = " | "
MAIN_SHARE = 200

_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "head", "nav", "footer", "aside", "svg", "canvas", "iframe",
    "object", "video", "audio", "button", "select", "dialog", "input", "textarea",
})  # fmt: skip
_PARAGRAPHS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "section", "article", "blockquote",
    "pre", "hr",
})  # fmt: skip
_LINES = frozenset({
    "div", "li", "dt", "dd", "tr", "header", "main", "address", "figure", "figcaption", "caption", "form",
    "fieldset", "legend", "body", "html", "center", "details", "summary", "label", "option",
})  # fmt: skip
_TAG = re.compile(r"</?(?:p|br|li|ul|ol|div|h[1-6]|tr|td|table|strong|em|b|i|span)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;/?(?:p|br|li|ul|ol|div|h[1-6]|strong|span)\b", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\v\xa0]+")
_WRAPPED = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")


def looks_like_html(text: str) -> bool:
    """Whether a cell that should hold text holds HTML.

    Examples
    --------
    >>> looks_like_html("<p>We need<br>a welder"), looks_like_html("if a < b and c > d")
    (True, False)
    """
    return "<" in text and len(_TAG.findall(text, 0, 20_000)) > 1


def cell_text(text: str) -> str:
    """The text of a cell or a JSON string that may hold HTML, be it escaped.

    Examples
    --------
    >>> cell_text("&lt;ul&gt;&lt;li&gt;R&amp;amp;D&lt;/li&gt;&lt;/ul&gt;")
    '• R&D'
    >>> cell_text("a < b")
    'a < b'
    """
    if "&lt;" in text and len(_ESCAPED.findall(text, 0, 20_000)) > 1:
        text = html.unescape(text)
    return html_text(text) if looks_like_html(text) else text


def html_text(page: str) -> str:
    """The words of a page or a fragment: a line a block, ``• `` before a list item.

    Menus, scripts, styles and footers are left out; of a page with one large ``<main>`` or
    ``<article>``, the rest is.

    Examples
    --------
    >>> print(html_text("<nav>Home</nav><h2>You have</h2><ul><li>Java<li><b>SQL</b> or R</ul>Apply"))
    You have
    • Java
    • SQL or R
    <BLANKLINE>
    Apply
    """
    root = _parse(page)
    if root is None:
        return ""
    for tag in ("main", "article"):
        found = root.findall(f".//{tag}")
        if len(found) == 1 and len(text := _render(found[0])) >= MAIN_SHARE:
            return text
    return _render(root)


def page_title(page: str) -> str | None:
    """The first ``<h1>`` of a page, else its ``<title>``.

    Examples
    --------
    >>> page_title("<title>Jobs at us</title><h1>Night <i>Nurse</i></h1>")
    'Night Nurse'
    """
    root = _parse(page)
    for tag in ("h1", "title"):
        for node in root.iter(tag) if root is not None else ():
            if text := " ".join("".join(node.itertext()).split()):
                return text
    return None


def json_ld(page: str) -> Iterator[Any]:
    """The JSON values in a page's ``application/ld+json`` scripts; broken ones are left out.

    Examples
    --------
    >>> list(json_ld('<script type="application/ld+json">{"@type": "Thing"}</script>'))
    [{'@type': 'Thing'}]
    """
    if "ld+json" not in page:
        return
    root = _parse(page)
    for node in root.iter("script") if root is not None else ():
        if (node.get("type") or "").split(";")[0].strip().lower() == "application/ld+json":
            try:
                yield json.loads(_WRAPPED.sub("", node.text or ""), strict=False)
            except (ValueError, RecursionError):
                continue


def _parse(page: str) -> Any:
    """The tree of a page, or None where there is no element in it."""
    from lxml import etree  # type: ignore[import-untyped]
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    data = page.replace("\0", "").encode("utf-8", "replace")
    try:
        return lxml_html.document_fromstring(data, parser=parser) if data.strip() else None
    except (etree.ParserError, ValueError):
        return None


def _render(root: Any) -> str:
    """Walk a tree without recursion and write its text."""
    from lxml import etree

    page = _Page()
    walk = etree.iterwalk(root, events=("start", "end"))
    pre = 0
    for event, node in walk:
        tag = node.tag
        if event == "end":
            pre -= tag == "pre"
            page.block(tag)
            if node is not root:
                page.add(node.tail, bool(pre))
        elif tag in _SKIPPED or node.get("hidden") is not None or node.get("aria-hidden") == "true":
            walk.skip_subtree()
            pre += tag == "pre"
        else:
            pre += tag == "pre"
            page.block(tag)
            page.bullet |= tag == "li"
            page.cell |= tag in ("td", "th")
            page.breaks += tag == "br"
            page.add(node.text, bool(pre))
    return "".join(page.parts).strip()


class _Page:
    """Text as it is written; line breaks, bullets and cell marks wait until words follow them."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lines = self.breaks = 0
        self.bullet = self.cell = self.space = False

    def block(self, tag: str) -> None:
        """A block begins or ends here."""
        self.lines = max(self.lines, 2 if tag in _PARAGRAPHS else 1 if tag in _LINES else 0)

    def add(self, text: str | None, pre: bool) -> None:
        """Write text, with its spaces and lines as they are if `pre`."""
        if not text:
            return
        words = text.strip("\n") if pre else _SPACES.sub(" ", text).strip(" ")
        if not words.strip():
            self.space = True
            return
        breaks = 1 if self.bullet else min(max(self.lines, self.breaks), 2)
        if self.parts and breaks:
            self.parts.append("\n" * breaks)
        elif self.parts and self.cell:
            self.parts.append(CELL)
        elif self.parts and (self.space or text[0].isspace()):
            self.parts.append(" ")
        self.parts.append(BULLET + words if self.bullet else words)
        self.lines = self.breaks = 0
        self.bullet = self.cell = False
        self.space = text[-1].isspace()
