"""A playground's chart: matplotlib draws it, the script redraws what lies on its axes."""

import io
import re

import numpy
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from .formatting import PLAIN, UNITS, WORDS, show
from .formula import evaluate
from .notation import NapkinError

SIZE = (6.0, 3.7)  # inches; at 72 points each these are also the units of the SVG
BOX = (0.135, 0.155, 0.84, 0.745)  # left, bottom, width, height of the axes, as parts of the figure
POINTS_ON_A_CURVE = 161
LETTER_WIDTH = 6.6  # of a label, in units of the SVG: enough for a rough word to clear its curve

#: The colours of the light theme; in the page each becomes a variable of the style sheet, so dark mode follows.
COLOURS = {
    "paper": "#fbf7ee", "ink": "#1d4e89", "accent": "#c8451b", "muted": "#5f6b7a", "grid": "#d9d2c3",
    "second": "#7a5195", "third": "#2a7f62",
}
CURVE_COLOURS = [COLOURS[name] for name in ("ink", "second", "third")]
STYLE = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 11,
    "axes.edgecolor": COLOURS["muted"], "axes.labelcolor": COLOURS["muted"], "xtick.color": COLOURS["muted"],
    "ytick.color": COLOURS["muted"], "text.color": COLOURS["muted"], "axes.spines.top": False,
    "axes.spines.right": False, "grid.color": COLOURS["grid"], "grid.linewidth": 0.6, "axes.grid": True,
    "axes.axisbelow": True, "figure.facecolor": COLOURS["paper"], "axes.facecolor": "none",
    "axes.titlesize": 12, "axes.titlelocation": "left", "axes.titlecolor": COLOURS["ink"],
}


class Chart:
    """What a playground draws: the results `y` against the input `x`.

    `log` names the logarithmic axes ("x", "y", "xy" or ""). `title` is the message of the picture. `points` are
    [(x, y, label)] of formulas to mark; a `None` for y means on the first curve; left out, the reader's own point is
    marked on every curve. `ylim` bounds the upright axis, which stays put while sliders move; left out, it is taken
    from the first scenario with room on both sides.
    """

    def __init__(self, x, y, *, log="xy", title="", points=None, ylim=None):
        self.x, self.y = x, [*y]
        if not 1 <= len(self.y) <= len(CURVE_COLOURS):
            raise NapkinError(f"a chart has one to {len(CURVE_COLOURS)} curves, got {len(self.y)}")
        if set(log) - set("xy"):
            raise NapkinError(f"log names axes, 'x' and 'y', got {log!r}")
        self.xscale = "log" if "x" in log else "linear"
        self.yscale = "log" if "y" in log else "linear"
        self.title, self.ylim = title, ylim
        self.points = [{"x": x.name, "y": None, "curve": one.name, "label": "" if i else "you", "style": "you"}
                       for i, one in enumerate(self.y)]
        if points is not None:
            self.points = [
                {"x": a.name, "y": b and b.name, "curve": self.y[0].name, "label": label, "style": "you" if i == 0 else "mark"}
                for i, (a, b, label) in enumerate(points)
            ]
        for i, point in enumerate(self.points):
            point["id"] = f"point-{i}"

    @property
    def grid(self):
        """The values of x at which curves are drawn."""
        space = numpy.geomspace if self.xscale == "log" else numpy.linspace
        return space(self.x.low, self.x.high, POINTS_ON_A_CURVE)

    def names(self):
        """Every formula and input that the chart needs to be evaluated."""
        return [one.name for one in self.y] + [name for p in self.points for name in (p["x"], p["y"]) if name]

    def curves(self, inputs):
        """Return {name: heights on the grid} for these inputs; NaN where there is no answer."""
        names = tuple(one.name for one in self.y)
        # Counts are drawn between whole numbers too: a curve is a picture, not a quotation.
        grid = numpy.floor(self.grid) if self.x.whole else self.grid
        found = evaluate(names, {**inputs, self.x.name: grid})
        return {name: numpy.broadcast_to(found[name], grid.shape) for name in names}

    def limits(self, inputs):
        """The limits of the upright axis for a first scenario."""
        if self.ylim:
            return tuple(map(float, self.ylim))
        heights = numpy.concatenate(list(self.curves(inputs).values()))
        heights = heights[numpy.isfinite(heights)]
        if self.yscale == "linear":
            return 0.0, float(heights.max(initial=0)) * 1.15 or 1.0
        heights = heights[heights > 0]
        if not heights.size:
            return 1.0, 10.0
        return float(heights.min()) / 2, float(heights.max()) * 3

    def figure(self, inputs, start):
        """Draw the chart with matplotlib for `inputs`, on the axes of the scenario `start`."""
        with rc_context(STYLE):
            figure = Figure(figsize=SIZE)
            axes = figure.add_axes(BOX)
            axes.set(xscale=self.xscale, yscale=self.yscale, xlim=(self.x.low, self.x.high), ylim=self.limits(start))
            self._dress(axes)
            curves = self.curves(inputs)
            for (name, heights), colour in zip(curves.items(), CURVE_COLOURS):
                (line,) = axes.plot(self.grid, heights, color=colour, linewidth=2.4)
                line.set_gid(f"curve-{name}")
            if len(self.y) > 1:
                self._label(axes, curves)
            for point in self.points:
                self._mark(axes, point, inputs)
        return figure

    def _dress(self, axes):
        for axis, scale, unit in ((axes.xaxis, self.xscale, self.x.unit), (axes.yaxis, self.yscale, self.y[0].unit)):
            axis.set_major_formatter(FuncFormatter(lambda value, _, unit=unit: _tick(value, unit)))
            axis.set_major_locator(LogLocator(numticks=7) if scale == "log" else MaxNLocator(6))
            axis.set_minor_locator(NullLocator())
        axes.set_xlabel(self.x.label, labelpad=2)
        if len(self.y) == 1:  # several curves carry their names themselves
            axes.set_ylabel(self.y[0].label, labelpad=2)
        axes.set_title(self.title)

    def _label(self, axes, curves):
        width, height = SIZE[0] * 72, SIZE[1] * 72
        points_of_page = {}
        for name, heights in curves.items():
            across = axes.transAxes.inverted().transform(
                axes.transData.transform(numpy.column_stack([self.grid, numpy.nan_to_num(heights, nan=-1)]))
            )
            points_of_page[name] = across * [BOX[2] * width, BOX[3] * height]
        labels = {one.name: one.label for one in self.y}
        places = label_places(points_of_page, labels, BOX[2] * width, BOX[3] * height)
        for (name, place), colour in zip(places.items(), CURVE_COLOURS):
            if place:
                at = (place[0] / (BOX[2] * width), place[1] / (BOX[3] * height))
                text = axes.text(*at, labels[name], transform=axes.transAxes, ha="right", color=colour, weight="bold")
                text.set_gid("still-label")

    def _mark(self, axes, point, inputs):
        x = evaluate((point["x"],), inputs)[point["x"]]
        if point["y"] is None:
            y = evaluate((point["curve"],), {**inputs, self.x.name: x})[point["curve"]]
        else:
            y = evaluate((point["y"],), inputs)[point["y"]]
        if x != x or y != y:
            return
        (low, high), (left, right) = axes.get_ylim(), axes.get_xlim()
        marker = "^" if y > high else "v" if y < low else "o"
        x, y = min(max(x, left), right), min(max(y, low), high)
        colour = COLOURS["accent"] if point["style"] == "you" else COLOURS["muted"]
        (dot,) = axes.plot([x], [y], marker, color=colour, markersize=9, clip_on=False, zorder=5)
        dot.set_gid("still-point")
        shift = (8, 6) if marker != "^" else (8, -15)
        text = axes.annotate(point["label"], (x, y), shift, textcoords="offset points", color=colour, weight="bold")
        text.set_gid("still-label")

    def svg(self, inputs, start, prefix, description):
        """The chart as inline SVG: curves carry `data-curve`, colours and fonts follow the page, ids start with `prefix`."""
        with rc_context({**STYLE, "svg.hashsalt": prefix}):
            out = io.StringIO()
            self.figure(inputs, start).savefig(out, format="svg", metadata={"Date": None}, transparent=True)
        return themed(out.getvalue(), prefix, description)

    def png(self, inputs, start):
        """The chart as a PNG, for readers without a kernel in Jupyter and on code hosts."""
        out = io.BytesIO()
        self.figure(inputs, start).savefig(out, format="png", dpi=110)
        return out.getvalue()

    def spec(self, start):
        """What the script needs to redraw the curves: axes, limits and the box in units of the SVG."""
        width, height = SIZE[0] * 72, SIZE[1] * 72
        left, bottom, wide, tall = BOX
        box = [left * width, (1 - bottom - tall) * height, (left + wide) * width, (1 - bottom) * height]
        return {
            "x": self.x.name, "y": [one.name for one in self.y], "xscale": self.xscale, "yscale": self.yscale,
            "xlim": [self.x.low, self.x.high], "ylim": list(self.limits(start)), "box": [round(b, 4) for b in box],
            "grid": [float(x) for x in self.grid], "points": self.points,
            "letterWidth": LETTER_WIDTH,
        }


def label_places(curves, labels, width, height):
    """Where to put each curve's name: {name: (right end, base line) or None}, in a box of `width` × `height`.

    Of the places along the curve, just above it and just below, the first that covers least of any curve and no other
    name; `paintLabels` in playground.js agrees, with heights counted downward.
    """
    placed, places = [], {}
    for name, points in curves.items():
        wide = len(labels[name]) * LETTER_WIDTH
        inside = points[(points[:, 1] >= 0) & (points[:, 1] <= height)]
        best = None
        for end in inside[::-8, 0]:
            end = min(end, width - 3)
            if end - wide < 3:
                continue
            spanned = inside[(inside[:, 0] >= end - wide) & (inside[:, 0] <= end), 1]
            for base in (spanned.max() + 6, spanned.min() - 15):
                cost = 100 * (base + 11 > height or base - 4 < 0)
                for x, y in (other.T for other in curves.values()):
                    cost += int(((x >= end - wide - 3) & (x <= end + 3) & (y >= base - 4) & (y <= base + 12)).sum())
                cost += 100 * sum(end - wide < e and end > e - w and abs(b - base) < 15 for e, w, b in placed)
                if best is None or cost < best[0]:
                    best = (cost, end, base)
        places[name] = best and best[1:]
        if best:
            placed.append((best[1], wide, best[2]))
    return places


def _tick(value, unit):
    """A number on an axis: short, with its unit where a prefix carries one."""
    if UNITS[unit][0] in (PLAIN, WORDS) and value >= 1000:
        power, letter = next((p, l) for p, l in ((12, "T"), (9, "G"), (6, "M"), (3, "k")) if value >= float(f"1e{p}"))
        short = f"{value / float(f'1e{power}'):g}{letter}"
        return "$" + short if unit.startswith("dollar") else short
    return show(value, unit, 3).removesuffix(" tokens").removesuffix(" elements").removesuffix(".00")


def themed(svg, prefix, description, decimals=2):
    """Make matplotlib's SVG a citizen of the page: no prologue, own ids, the theme's colours and font, a description."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*curve-(\w+)">\s*<path ', r'<g><path data-curve="\1" ', svg)
    svg = re.sub(r'<g id="still-\w+">', "<g data-still>", svg)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{prefix}--", svg)
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--napkin-{name}, {colour})")
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--napkin-font, sans-serif)", svg)
    svg = re.sub(r'(<svg [^>]*?)\bwidth="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg [^>]*?)\bheight="[^"]*"', r'\1role="img" aria-label="' + description.replace('"', "&quot;") + '"', svg, count=1)
    svg = re.sub(rf"(\.\d{{{decimals}}})\d+", r"\1", svg)  # finer than any screen
    return re.sub(r"\n\s*", "\n", svg)
