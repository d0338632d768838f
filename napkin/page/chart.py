"""A playground's chart: matplotlib draws it, the script redraws what lies on its axes."""

import io
import re

import numpy
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from ..language.errors import NapkinError
from ..language.graph import formula_named, input_named
from ..language.inputs import INPUTS, Input
from ..language.numbers import show
from ..language.units import PLAIN, UNITS, WORDS, in_words
from ..questions.scenario import Fixed, numbers

SIZE = (5.2, 3.5)  # inches; at 72 points each these are also the units of the SVG: small, so that words stay large on a phone
WIDTH, HEIGHT = SIZE[0] * 72, SIZE[1] * 72
TOP, RIGHT, BOTTOM = 32, WIDTH - 17, HEIGHT - 41  # of the axes, in units of the SVG; the left follows the labels there
POINTS_ON_A_CURVE = 161
LETTER_WIDTH = 7.6  # of a label, in units of the SVG: enough for a rough word to clear its curve

#: The colours of the light theme; in the page each becomes a variable of the style sheet, so dark mode follows.
COLOURS = {"paper": "#fbf7ee", "ink": "#1d4e89", "accent": "#c8451b", "muted": "#5f6b7a", "grid": "#d9d2c3"}
COLOURS |= {"second": "#7a5195", "third": "#2a7f62"}
CURVE_COLOURS = [COLOURS[name] for name in ("ink", "second", "third")]
STYLE = (
    dict.fromkeys(("axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "text.color"), COLOURS["muted"])
    | dict.fromkeys(("axes.spines.top", "axes.spines.right"), False)
    | dict.fromkeys(("axes.grid", "axes.axisbelow"), True)
    | {"figure.facecolor": COLOURS["paper"], "axes.facecolor": "none", "grid.color": COLOURS["grid"], "grid.linewidth": 0.6}
    | {"svg.fonttype": "none", "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 11}
)


def styled(**more):
    """Our own settings of matplotlib, whatever the reader has set."""
    return style.context(["default", {**STYLE, **more}])


class Chart:
    """What a playground draws: the results `y` against the input `x`.

    `log` names the logarithmic axes ("x", "y", "xy" or ""). `title` is the message of the picture. `points` are
    [(x, y, label)] of formulas to mark; a `None` for y means on the first curve; left out, the reader's own point is
    marked on every curve. `ylim` bounds the upright axis, which stays put while sliders move; left out, it is taken
    from the first scenario with room on both sides.
    """

    def __init__(self, x, y, *, log="xy", title="", points=None, ylim=None):
        self.x = input_named(x)
        self.y = [INPUTS.get(getattr(one, "name", one)) or formula_named(one) for one in y]
        if not 1 <= len(self.y) <= len(CURVE_COLOURS):
            raise NapkinError(f"a chart has one to {len(CURVE_COLOURS)} curves, got {len(self.y)}")
        if set(log) - set("xy"):
            raise NapkinError(f"log names axes, 'x' and 'y', got {log!r}")
        self.xscale, self.yscale = ("log" if axis in log else "linear" for axis in "xy")
        self.title, self.ylim = title, ylim
        told = [(*point, self.y[0]) for point in points or ()]
        if points is None:  # a line that an input draws is a limit, not the reader's own result
            told = [(self.x, None, "" if i else "you", one) for i, one in enumerate(self.y) if not isinstance(one, Input)]
        style = "mark" if points else "you"
        self.points = [
            {"x": x.name, "y": y and y.name, "curve": one.name, "label": label, "style": style if i else "you", "id": f"point-{i}"}
            for i, (x, y, label, one) in enumerate(told)
        ]

    @property
    def grid(self):
        """The values of x at which curves are drawn."""
        space = numpy.geomspace if self.xscale == "log" else numpy.linspace
        grid = space(self.x.low, self.x.high, POINTS_ON_A_CURVE)
        return numpy.unique(numpy.round(grid)) if self.x.whole else grid

    def names(self):
        """Every formula and input that the chart needs to be evaluated."""
        return [one.name for one in self.y] + [name for p in self.points for name in (p["x"], p["y"]) if name]

    def curves(self, inputs, unknown=Fixed()):
        """Return {name: heights on the grid} for these inputs; NaN where there is no answer, or none that is known."""
        names = tuple(one.name for one in self.y)
        found = numbers(names, {**inputs, self.x.name: self.grid}, {name: why for name, why in unknown.items() if name != self.x.name})
        return {name: numpy.broadcast_to(found[name], self.grid.shape) for name in names}

    def limits(self, inputs):
        """The limits of the upright axis for a first scenario."""
        if self.ylim:
            return tuple(map(float, self.ylim))
        heights = numpy.concatenate(list(self.curves(inputs).values()))
        heights = heights[numpy.isfinite(heights)]
        if self.yscale == "linear":
            return 0.0, float(heights.max(initial=0)) * 1.15 or 1.0
        heights = heights[heights > 0]
        return (float(heights.min()) / 2, float(heights.max()) * 3) if heights.size else (1.0, 10.0)

    def box(self, start):
        """Left, top, right and bottom of the axes in units of the SVG: as much room as the upright axis' labels take."""
        low, high = self.limits(start)
        marks = [mark for mark in _locator(self.yscale).tick_values(low, high) if low <= mark <= high]
        widest = max((len(tick(mark, self.y[0].unit)) for mark in marks), default=4)
        return [round(32 + widest * LETTER_WIDTH, 2), TOP, RIGHT, BOTTOM]

    def figure(self, inputs, start, unknown=Fixed()):
        """Draw the chart with matplotlib for `inputs`, but those `unknown`, on the axes of the scenario `start`."""
        with styled():
            figure = Figure(figsize=SIZE)
            left, top, right, bottom = self.box(start)
            axes = figure.add_axes((left / WIDTH, 1 - bottom / HEIGHT, (right - left) / WIDTH, (bottom - top) / HEIGHT))
            for scale, put in ((self.xscale, axes.set_xscale), (self.yscale, axes.set_yscale)):
                put(scale, **({"nonpositive": "mask"} if scale == "log" else {}))  # no height, no line, as on the page
            axes.set(xlim=(self.x.low, self.x.high), ylim=self.limits(start))
            for axis, scale, unit in ((axes.xaxis, self.xscale, self.x.unit), (axes.yaxis, self.yscale, self.y[0].unit)):
                axis.set_major_formatter(FuncFormatter(lambda value, _, unit=unit: tick(value, unit)))
                axis.set_major_locator(_locator(scale))
                axis.set_minor_locator(NullLocator())
            if self.x.stops and len(self.x.stops) < 10:  # 1, 2, 4, 8 rather than 1, 10
                axes.xaxis.set_major_locator(FixedLocator(self.x.stops))
            axes.set_xlabel(_axis_label(self.x), labelpad=2)
            # several curves carry their names themselves, and share what they are counted in
            axes.set_ylabel(_axis_label(self.y[0]) if len(self.y) == 1 else in_words(self.y[0].unit), labelpad=2)
            # From the figure's edge, not the axes': a title is a sentence and needs the room.
            figure.text(8 / WIDTH, 1 - 9 / HEIGHT, self.title, va="top", size=12, color=COLOURS["ink"])
            curves = self.curves(inputs, unknown)
            for (name, heights), colour in zip(curves.items(), CURVE_COLOURS):
                (line,) = axes.plot(self.grid, heights, color=colour, linewidth=2.4)
                line.set_gid(f"curve-{name}")
            self._annotate(axes, curves, inputs, unknown, right - left, bottom - top)
        return figure

    def _annotate(self, axes, curves, inputs, unknown, width, height):
        """Names on the curves, and the reader's point with its name: where `places` finds room for them."""

        def in_box(x, y):
            with numpy.errstate(all="ignore"):
                points = axes.transData.transform(numpy.column_stack([x, y]))
            return axes.transAxes.inverted().transform(points) * [width, height]

        def write(words, x, y, side, colour):
            text = axes.text(x / width, y / height, words, transform=axes.transAxes, ha=side, color=colour, weight="bold")
            text.set_gid("still-label")

        lines = {name: in_box(self.grid, heights) for name, heights in curves.items()}
        marks = []
        for point in self.points:
            x = numbers((point["x"],), inputs, unknown)[point["x"]]
            name = point["y"] or point["curve"]
            y = numbers((name,), inputs if point["y"] or x != x else {**inputs, self.x.name: x}, unknown)[name]
            if x == x and y == y:
                (at,) = in_box([x], [y])
                marks.append((point, *numpy.clip(at, 0, (width, height)), "^" if at[1] > height else "v" if at[1] < 0 else "o"))
        labels = {one.name: one.label for one in self.y} if len(self.y) > 1 else {}
        curve_places, mark_places = places(lines, labels, [(p["label"], x, y) for p, x, y, _ in marks], width, height)
        for name, colour in zip(lines, CURVE_COLOURS):
            if curve_places.get(name):
                write(labels[name], *curve_places[name], "right", colour)
        for (point, x, y, marker), place in zip(marks, mark_places):
            colour = COLOURS["accent"] if point["style"] == "you" else COLOURS["muted"]
            at = {"transform": axes.transAxes, "clip_on": False, "zorder": 5}
            (dot,) = axes.plot([x / width], [y / height], marker, color=colour, markersize=9, **at)
            dot.set_gid("still-point")
            if point["label"]:
                write(point["label"], *place, colour)

    def svg(self, inputs, start, prefix, description, unknown=Fixed()):
        """The chart as inline SVG: curves carry `data-curve`, colours and fonts follow the page, ids start with `prefix`."""
        with styled(**{"svg.hashsalt": prefix}):
            out = io.StringIO()
            self.figure(inputs, start, unknown).savefig(out, format="svg", metadata={"Date": None}, transparent=True)
        return themed(out.getvalue(), prefix, description)

    def png(self, inputs, start, unknown=Fixed()):
        """The chart as a PNG, for readers without a kernel in Jupyter and on code hosts."""
        out = io.BytesIO()
        with styled():
            self.figure(inputs, start, unknown).savefig(out, format="png", dpi=125)
        return out.getvalue()

    def spec(self, start):
        """What the script needs to redraw the curves: axes, limits and the box in units of the SVG."""
        names, log = [one.name for one in self.y], {"xscale": self.xscale, "yscale": self.yscale}
        limits = {"xlim": [self.x.low, self.x.high], "ylim": list(self.limits(start)), "box": self.box(start)}
        drawn = {"grid": list(map(float, self.grid)), "points": self.points, "letterWidth": LETTER_WIDTH, "short": is_short(self.y[0].unit)}
        return {"x": self.x.name, "y": names, **log, **limits, **drawn}


def places(lines, labels, marks, width, height):
    """Where names go in a box of `width` × `height`: beside each mark, and on each curve where it has room.

    `lines` maps names to (x, y) along each curve, `labels` names to words; `marks` are (words, x, y). Returns
    ({name: (right end, base line) or None}, [(x, base line, side) a mark]). Of the candidates in turn, the first that
    covers least of any curve, mark and other name; `places` in chart.js does the same, heights counted downward.
    """
    # A name may touch a mark or leave the box before it may cover another name.
    taken = [(x - 8, x + 8, y - 8, y + 8, 100) for _, x, y in marks]

    def cost(left, right, base):
        low, high = base - 4, base + 11
        covered = 100 * (left < 0 or right > width or low < 0 or high > height)
        for x, y in (line.T for line in lines.values()):
            covered += int(((x >= left - 3) & (x <= right + 3) & (y >= low) & (y <= high)).sum())
        return covered + sum(price * (left < r and right > a and low < t and high > b) for a, r, b, t, price in taken)

    def best(candidates, wide):
        """The cheapest of (left end, base line, …) for words of this width; it is taken then."""
        found = min(candidates, key=lambda c: cost(c[0], c[0] + wide, c[1]), default=None)
        if found:
            taken.append((found[0], found[0] + wide, found[1] - 4, found[1] + 11, 400))
        return found

    mark_places = []
    for words, x, y in marks:
        wide = len(words) * LETTER_WIDTH
        around = [(x + 10, y + 7), (x + 10, y - 16), (x - 10 - wide, y + 7), (x - 10 - wide, y - 16)]
        left, base = best(around, wide) if words else (x, y)
        mark_places.append((left if left > x else left + wide, base, "left" if left > x else "right"))
    curve_places = {}
    for name, words in labels.items():
        wide, line = len(words) * LETTER_WIDTH, lines[name]
        inside = line[(line[:, 1] >= 0) & (line[:, 1] <= height)]
        along = []
        for x, y in inside[::-8]:
            end = min(x, width - 3)
            if end - wide >= 3:
                spanned = inside[(inside[:, 0] >= end - wide) & (inside[:, 0] <= end), 1]
                spanned = spanned if spanned.size else numpy.array([y])
                along += [(end - wide, spanned.max() + 6), (end - wide, spanned.min() - 15)]
        found = best(along, wide)
        curve_places[name] = found and (found[0] + wide, found[1])
    return curve_places, mark_places


def _locator(scale):
    return LogLocator(numticks=7) if scale == "log" else MaxNLocator(6)


def _axis_label(one):
    """What an axis shows, with its unit where the numbers on it carry none and the name does not say it."""
    prefixes, suffix = UNITS[one.unit].prefixes, UNITS[one.unit].suffix.strip()
    return f"{one.label}, {suffix}" if prefixes in (PLAIN, WORDS) and suffix not in ("", "$", "%", one.label) else one.label


def is_short(unit):
    """Whether numbers on an axis stand without their unit, which no prefix carries."""
    return UNITS[unit].prefixes in (PLAIN, WORDS) and not UNITS[unit].percent


def tick(value, unit):
    """A number on an axis: short, with its unit where a prefix carries one. `tick` in numbers.js does the same."""
    if not is_short(unit):
        return show(value, unit, 3)
    power, letter = next((row for row in ((15, "P"), (12, "T"), (9, "G"), (6, "M"), (3, "k")) if value >= 10.0 ** row[0]), (0, ""))
    return f"{'$' if UNITS[unit].suffix == '$' else ''}{value / 10.0**power:.10g}{letter}"


def themed(svg, prefix, description, decimals=2):
    """Make matplotlib's SVG a citizen of the page: no prologue, own ids, the theme's colours and font, a description."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*curve-(\w+)">\s*<path ', r'<g><path data-curve="\1" ', svg)
    svg = re.sub(r'<g id="still-\w+">', "<g data-still>", svg)
    svg = re.sub(r'<g id="ytick_\d+">', '<g data-tick="y">', svg)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{prefix}--", svg)
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--napkin-{name}, {colour})")
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--napkin-font, sans-serif)", svg)
    svg = re.sub(r'(<svg [^>]*?)\bwidth="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg [^>]*?)\bheight="[^"]*"', r'\1role="img" aria-label="' + description.replace('"', "&quot;") + '"', svg, count=1)
    # Finer than any screen: coordinates are cut, numbers that people read (between tags) are not.
    svg = re.sub(r"<[^>]*>", lambda tag: re.sub(rf"(\.\d{{{decimals}}})\d+", r"\1", tag[0]), svg)
    return re.sub(r"\n\s*", "\n", svg)
