"""A front as a picture: one SVG that needs no other file, follows the page's colours, and is read out.

matplotlib draws it: it is kept well, needs no script and no network, writes text as text, and notebooks
use it already. Its colours are stand-ins that become variables of the page, so that dark mode works.
"""

from __future__ import annotations

import io
import re

from markupsafe import escape

from matcher.types import Front

_INK, _LINE, _SOFT = "#010203", "#040506", "#070809"
_VARIABLES = {_INK: "var(--ink)", _LINE: "var(--bar)", _SOFT: "var(--line)"}
_SIZE = (6.4, 3.2)


def chart(front: Front, name: str, axis: str) -> str:
    """Coverage against effort, as steps.

    Parameters
    ----------
    front : Front
    name : str
        Makes the ids in the picture those of this picture alone.
    axis : str
        What the effort is, in words.

    Returns
    -------
    str
        An ``<svg>`` element with a title and a description.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    efforts = [p.effort for p in front.points]
    shares = [100 * p.coverage for p in front.points]
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif", "font.size": 10}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.subplots()
        axes.step(efforts, shares, where="post", color=_LINE, linewidth=2)
        axes.plot(efforts, shares, "o", color=_LINE, markersize=6, clip_on=False)
        axes.set_xlabel(axis, color=_INK)
        axes.set_ylabel("covered of what is asked, %", color=_INK)
        axes.set_xlim(0, max([*efforts, 1]) * 1.05)
        axes.set_ylim(0, max([*shares, 1]) * 1.15)
        axes.grid(visible=True, color=_SOFT, linewidth=0.8)
        axes.tick_params(colors=_INK)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(_SOFT)
        out = io.StringIO()
        figure.patch.set_visible(False)
        axes.patch.set_visible(False)
        FigureCanvasSVG(figure)
        figure.savefig(out, format="svg", metadata={"Date": None})
    return _inline(out.getvalue(), front, name, axis)


def _inline(svg: str, front: Front, name: str, axis: str) -> str:
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.S)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", body)
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, variable)
    first, last = front.points[0], front.points[-1]
    title = f"Coverage against {axis}"
    text = (
        f"{len(front.points)} points, from {100 * first.coverage:.0f}% at {first.effort:g} to "
        f"{100 * last.coverage:.0f}% at {last.effort:g}. The table below has them all."
    )
    return body.replace(
        "<svg ",
        f'<svg class="chart" role="img" aria-labelledby="{name}-title {name}-desc" '
        'style="max-width:100%;height:auto;stroke-linejoin:round" ',
        1,
    ).replace(
        ">", f'><title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(text)}</desc>', 1
    )  # fmt: skip
