"""The charts of the page: drawn by matplotlib, as SVG that takes its colours and letters from the page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# colours that stand for the page's own: a style sheet cannot reach into what matplotlib draws
_COLOURS = {
    "#010101": "currentColor", "#020202": "var(--line)", "#030303": "var(--required)", "#040404": "var(--unstated)",
    "#050505": "var(--preferred)", "#060606": "var(--bar)",
}  # fmt: skip
_TEXT, _LINE, _REQUIRED, _UNSTATED, _PREFERRED, _BAR = _COLOURS


def _draw(name: str, title: str, description: str, size: tuple[float, float], draw: Callable[[Axes], None]) -> Markup:
    """An SVG element with a name for those who do not see it."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    settings: Any = {
        "svg.fonttype": "none", "svg.hashsalt": "matcher", "font.size": 10, "text.color": _TEXT,
        "axes.edgecolor": _LINE, "axes.labelcolor": _TEXT, "xtick.color": _TEXT, "ytick.color": _TEXT,
        "axes.spines.top": False, "axes.spines.right": False, "grid.color": _LINE, "legend.frameon": False,
        "text.parse_math": False,
    }  # fmt: skip
    with mpl.rc_context(settings):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    # several drawings on one page must not share names
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    for colour, own in _COLOURS.items():
        svg = svg.replace(colour, own)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", svg)
    svg = re.sub(r"font: ([\d.]+px) '[^;\"]*", r"font: \1 system-ui, sans-serif", svg)
    head = f'<svg role="img" aria-labelledby="{name}-t {name}-d" class="chart" '
    names = f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
    svg = head + svg.removeprefix("<svg ")
    at = svg.index(">") + 1
    return Markup(svg[:at] + names + svg[at:])


def _short(text: str, most: int = 34) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def demand(rows: Sequence[tuple[str, float, float, float]], names: Sequence[str]) -> Markup:
    """Bars of skills: shares of vacancies that require them, have them among the duties, prefer them."""

    def draw(axes: Axes) -> None:
        places = range(len(rows))
        left = [0.0] * len(rows)
        for nth, (name, colour) in enumerate(zip(names, (_REQUIRED, _UNSTATED, _PREFERRED), strict=True), 1):
            widths = [100 * float(row[nth]) for row in rows]
            axes.barh(places, widths, left=left, color=colour, label=name)
            left = [a + b for a, b in zip(left, widths, strict=True)]
        axes.set_yticks(places, [_short(row[0]) for row in rows])
        axes.invert_yaxis()
        axes.set_xlabel("% of vacancies")
        axes.grid(axis="x", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        axes.legend(loc="lower right")

    top = ", ".join(f"{row[0]} {sum(row[1:]):.0%}" for row in rows[:5])
    return _draw("demand", "Skills by demand", f"The most asked for: {top}. All figures stand in the table below.",
                 (8.2, 0.9 + 0.27 * len(rows)), draw)  # fmt: skip


def coverage(rows: Sequence[tuple[str, float]]) -> Markup:
    """What credentials cover together, one more at each step."""

    def draw(axes: Axes) -> None:
        places = range(len(rows))
        shares = [100 * share for _, share in rows]
        axes.barh(places, shares, color=_BAR)
        axes.set_yticks(
            places, [f"+ {_short(name, 48)}" if n else _short(name, 50) for n, (name, _) in enumerate(rows)]
        )
        axes.invert_yaxis()
        for place, share in zip(places, shares, strict=True):
            axes.text(share, place, f" {share:.1f}%", va="center")
        axes.set_xlabel("% of the demand that they cover together")
        axes.set_xlim(0, max(shares) * 1.15)
        axes.grid(axis="x", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)

    told = "; ".join(f"{name} {share:.1%}" for name, share in rows)
    return _draw("coverage", "Coverage by a growing set of credentials", told, (8.2, 0.9 + 0.3 * len(rows)), draw)


def sizes(counts: Sequence[tuple[int, int]]) -> Markup:
    """How many requirements vacancies have."""

    def draw(axes: Axes) -> None:
        axes.bar([size for size, _ in counts], [count for _, count in counts], color=_BAR, width=0.9)
        axes.set_xlabel("requirements in a vacancy")
        axes.set_ylabel("vacancies")
        axes.tick_params(length=0)

    total = sum(count for _, count in counts)
    middle, seen = 0, 0
    for size, count in sorted(counts):
        seen += count
        if 2 * seen >= total:
            middle = size
            break
    return _draw(
        "sizes", "Requirements in a vacancy", f"Half of the vacancies have {middle} or fewer.", (8.2, 2.6), draw
    )
