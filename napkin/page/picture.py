"""Pictures that follow the page: the same face in light and dark, with words for who cannot see them."""

import base64
import html
import io

from matplotlib.figure import Figure

from .chart import COLOURS, styled, themed


class Picture:
    """A matplotlib figure with a text alternative: themed SVG on the page, PNG elsewhere.

    `draw(axes, colours)` draws; `alternative` says what the picture shows. `size` is in inches, 6 wide for a full column.
    """

    def __init__(self, draw, alternative, *, size=(6.0, 3.0)):
        self.draw, self.alternative, self.size = draw, alternative, size
        self.name = "picture-" + draw.__name__.strip("_").replace("_", "-")

    def _saved(self, **how):
        with styled(**{"svg.hashsalt": self.name}):
            figure = Figure(figsize=self.size)
            axes = figure.add_axes((0.12, 0.16, 0.86, 0.72))
            self.draw(axes, COLOURS)
            out = io.BytesIO()
            figure.savefig(out, **how)
        return out.getvalue()

    def _repr_mimebundle_(self, **kwargs):
        alternative = html.escape(self.alternative, quote=True)
        svg = self._saved(format="svg", metadata={"Date": None}, transparent=True).decode()
        svg = themed(svg, self.name, alternative, decimals=1)
        return {
            "text/plain": f"[picture: {self.alternative}]",
            "text/html": f'<figure class="napkin-picture" id="{self.name}">{svg}</figure>',
            "image/png": base64.b64encode(self._saved(format="png", dpi=110)).decode(),
        }
