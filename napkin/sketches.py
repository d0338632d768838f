"""The concept pictures of the chapters, drawn as by hand."""

from .picture import Picture


def _box(axes, x, y, width, height, *, face="none", edge, line=1.6, **more):
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=edge, linewidth=line, **more))


def _arrow(axes, start, end, colour):
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.6})


def _growing_cache(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    words = ["How", "many", "users", "fit", "?"]
    for i, word in enumerate(words):
        new = i == len(words) - 1
        x = 0.35 + 0.62 * i
        axes.text(x + 0.25, 2.62, word, ha="center", color=accent if new else ink, weight="bold")
        for row, letter in ((1.75, "k"), (1.1, "v")):
            _box(axes, x, row, 0.5, 0.5, edge=accent if new else ink, face="none" if new else grid)
            axes.text(x + 0.25, row + 0.15, letter, ha="center", color=accent if new else ink)
    _box(axes, 0.22, 0.95, 0.62 * 4 + 0.06, 1.45, edge=muted, line=1.1, linestyle=(0, (4, 3)))
    axes.text(1.5, 0.6, "the cache: read again, not computed again", ha="center", color=muted)
    _arrow(axes, (3.55, 1.65), (4.3, 1.65), accent)
    axes.text(4.4, 1.95, "one new token:", color=accent, weight="bold")
    axes.text(4.4, 1.65, "one pass over", color=accent)
    axes.text(4.4, 1.38, "the weights,", color=accent)
    axes.text(4.4, 1.11, "one key and one", color=accent)
    axes.text(4.4, 0.84, "value a layer", color=accent)


def growing_cache():
    """Chapter 3: a cache that grows by one token."""
    return Picture(
        _growing_cache,
        "Five tokens in a row, each with a key and a value below it. Those of the first four are kept in the cache and only "
        "read; the fifth token alone passes through the weights and adds one key and one value a layer.",
        sketch=True,
    )
