"""The concept pictures of the chapters, drawn as by hand."""

from matplotlib.patches import Rectangle

from .page.picture import Picture


def _box(axes, x, y, width, height, *, face="none", edge, line=1.6, **more):
    axes.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=edge, linewidth=line, **more))


def _arrow(axes, start, end, colour):
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.6})


def _growing_cache(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    words = ["How", "many", "users", "fit", "?"]
    for i, word in enumerate(words):
        new = i == len(words) - 1
        x = 0.35 + 0.62 * i
        axes.text(x + 0.25, 2.27, word, ha="center", color=accent if new else ink, weight="bold")
        for row, letter in ((1.4, "k"), (0.75, "v")):
            _box(axes, x, row, 0.5, 0.5, edge=accent if new else ink, face="none" if new else grid)
            axes.text(x + 0.25, row + 0.15, letter, ha="center", color=accent if new else ink)
    _box(axes, 0.22, 0.6, 0.62 * 4 + 0.06, 1.45, edge=muted, line=1.1, linestyle=(0, (4, 3)))
    axes.text(1.62, 0.25, "the cache: read, not computed again", ha="center", color=muted)
    _arrow(axes, (3.55, 1.3), (4.3, 1.3), accent)
    axes.text(4.4, 1.6, "one new token:", color=accent, weight="bold")
    axes.text(4.4, 1.3, "one pass over", color=accent)
    axes.text(4.4, 1.03, "the weights,", color=accent)
    axes.text(4.4, 0.76, "one key and one", color=accent)
    axes.text(4.4, 0.49, "value a layer", color=accent)


def growing_cache():
    """Chapter 3: a cache that grows by one token."""
    return Picture(
        _growing_cache,
        "Five tokens in a row, each with a key and a value below it. Those of the first four are kept in the cache and only "
        "read; the fifth token alone passes through the weights and adds one key and one value a layer.",
        size=(6.0, 2.65), sketch=True,
    )


def _shared_and_private(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    _box(axes, 1.1, 2.15, 3.8, 0.6, edge=ink, face=grid)
    axes.text(3.0, 2.36, "weights: read once for everybody", ha="center", color=ink, weight="bold")
    for i in range(4):
        x = 1.45 + 1.05 * i
        _arrow(axes, (x, 2.1), (x, 1.72), ink)
        axes.text(x, 1.46, f"user {i + 1}", ha="center", color=muted)
        _arrow(axes, (x, 1.0), (x, 1.38), accent)
        _box(axes, x - 0.36, 0.45, 0.72, 0.5, edge=accent)
        axes.text(x, 0.62, "cache", ha="center", color=accent)
    axes.text(3.0, 0.12, "caches: each read for one user alone", ha="center", color=accent, weight="bold")


def shared_and_private():
    """Chapter 4: one block of weights for all users, a cache for each."""
    return Picture(
        _shared_and_private,
        "One block of weights above, with an arrow to each of four users: it is read once for everybody. Below, four separate "
        "caches, each with an arrow to its own user only.",
        sketch=True,
    )


def _tile_of_a_product(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    (a_x, o_x), (b_y, o_y), (d, rows, columns), t = (0.5, 1.75), (1.83, 0.42), (1.0, 1.2, 1.6), 0.4
    row, column = o_y + 0.4, o_x + 0.8  # where the tile lies
    _box(axes, a_x, row, d, t, edge=grid, face=grid)
    _box(axes, column, b_y, t, d - 0.2, edge=grid, face=grid)
    _box(axes, a_x + 0.62, row, 0.1, t, edge=accent, face=accent)
    _box(axes, column, b_y + 0.24, t, 0.1, edge=accent, face=accent)
    _box(axes, column, row, t, t, edge=accent, line=2.2)
    _box(axes, a_x, o_y, d, rows, edge=ink)
    _box(axes, o_x, b_y, columns, d - 0.2, edge=ink)
    _box(axes, o_x, o_y, columns, rows, edge=ink)
    for x, y, letter in ((a_x + 0.12, o_y + 0.95, "A"), (o_x + 0.1, b_y + 0.55, "B"), (o_x + 0.1, o_y + 0.95, "O")):
        axes.text(x, y, letter, color=ink, weight="bold")
    for x, y, letter in ((a_x - 0.2, o_y + 0.55, "N"), (a_x + 0.5, 0.16, "d"), (o_x - 0.2, b_y + 0.33, "d"), (o_x + 0.8, 2.74, "M")):
        axes.text(x, y, letter, ha="center", color=muted)
    axes.text(column + 0.2, row + 0.12, "T", ha="center", color=accent, weight="bold")
    _arrow(axes, (column + t + 0.06, row + 0.2), (3.75, row + 0.2), accent)
    for y, words in ((2.32, "each step loads"), (2.05, "T of A and T of B")):
        axes.text(3.85, y, words, color=accent)
    for y, words in ((1.02, "and adds to T × T"), (0.75, "sums kept on chip")):
        axes.text(3.85, y, words, color=accent)


def tile_of_a_product():
    """Chapter 1: one tile of a matrix product, and what a step loads for it."""
    return Picture(
        _tile_of_a_product,
        "Matrix A, N by d, to the left of the product O, and matrix B, d by M, above it. A T by T tile of O stays on chip. Each "
        "step along d loads T elements from a column of A and T from a row of B and adds to all T times T sums.",
        sketch=True,
    )


def _shared_weights(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    _box(axes, 2.4, 0.95, 1.2, 1.2, edge=accent, line=2.2)
    axes.text(3.0, 1.62, "W", ha="center", color=accent, weight="bold")
    axes.text(3.0, 1.25, "d × d", ha="center", color=accent)
    axes.text(3.0, 2.4, "read once for all", ha="center", color=accent)
    for i, y in enumerate((2.1, 1.3, 0.5)):
        _box(axes, 0.45, y, 1.0, 0.5, edge=ink, face=grid)
        _box(axes, 4.55, y, 1.0, 0.5, edge=ink)
        axes.text(0.95, y + 0.16, f"chat {i + 1}", ha="center", color=ink)
        axes.text(5.05, y + 0.16, f"K {i + 1}", ha="center", color=ink)
        _arrow(axes, (1.5, y + 0.25), (2.34, 1.55 + 0.3 * (1 - i)), ink)
        _arrow(axes, (3.66, 1.55 + 0.3 * (1 - i)), (4.5, y + 0.25), ink)
    axes.text(0.95, 0.14, "n × d each", ha="center", color=muted)
    axes.text(5.05, 0.14, "n × d each", ha="center", color=muted)


def shared_weights():
    """Chapter 2: one reading of the weights serves every conversation of a batch."""
    return Picture(
        _shared_weights,
        "Three conversations, each a matrix of n tokens by d, all pass through the same d by d weight matrix W, which is read "
        "once for all of them. Each comes out as keys of its own.",
        sketch=True,
    )


def _full_memory(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    left, weights, right = 0.55, 0.8, 5.35
    for y, cache in ((1.95, 0.655), (0.55, 0.131)):
        _box(axes, left, y, weights, 0.55, edge=ink, face=grid)
        axes.text(left + weights / 2, y + 0.19, "weights", ha="center", color=ink, size=10)
        for i in range(int((right - left - weights) / cache)):
            _box(axes, left + weights + i * cache, y, cache, 0.55, edge=accent, line=1.2)
        _box(axes, left, y, right - left, 0.55, edge=ink, line=2.2)
    axes.text(3.35, 2.64, "few long conversations", ha="center", color=accent, weight="bold")
    axes.text(3.35, 0.2, "many short ones", ha="center", color=accent, weight="bold")
    _arrow(axes, (left, 1.67), (right, 1.67), muted)
    axes.text(2.95, 1.33, "one step reads all of it, once", ha="center", color=muted)


def full_memory():
    """Chapter 5: a full memory takes as long to read, whoever fills it."""
    return Picture(
        _full_memory,
        "The same GPU memory twice, as a bar. In both the weights take a sixth. In the upper bar six large caches fill the rest, in "
        "the lower one thirty small ones. An arrow along both: one step reads all of it, once.",
        sketch=True,
    )


def _hour_cut_twice(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    _box(axes, 2.1, 2.2, 1.8, 0.55, edge=ink, face=grid)
    axes.text(3.0, 2.4, "one GPU-hour", ha="center", color=ink, weight="bold")
    for left, pieces, colour, by, gives in (
        (0.4, 8, ink, "cut by its users", "rent of a user"), (3.4, 32, accent, "cut by its tokens", "price of a token"),
    ):
        for i in range(pieces):
            _box(axes, left + 2.2 / pieces * i, 0.65, 2.2 / pieces, 0.5, edge=colour, line=1.1)
        _arrow(axes, (2.55 if left < 2 else 3.45, 2.12), (left + 1.1, 1.22), colour)
        axes.text(left + (0.62 if left < 2 else 1.58), 1.7, by, ha="center", color=muted, size=11)
        axes.text(left + 1.1, 0.26, gives, ha="center", color=colour, weight="bold")


def hour_cut_twice():
    """Chapter 6: the same money, divided by users and by tokens."""
    return Picture(
        _hour_cut_twice,
        "A box, one GPU-hour, with two arrows down. One leads to a bar cut into a few pieces, its users: each piece is the rent of "
        "a user. The other leads to the same bar cut into many pieces, its tokens: each piece is the price of a token.",
        sketch=True,
    )


def _touched_weights(axes, colours):
    ink, accent = colours["ink"], colours["accent"]
    rows = ((2.2, "embedding"), (1.64, "attention"), (1.08, "experts"), (0.52, "head"))
    for y, name in rows:
        axes.text(1.3, y + 0.12, name, ha="right", color=ink)
    for y in (1.64, 0.52):
        _box(axes, 1.45, y, 1.55, 0.4, edge=accent, face=accent)
    _box(axes, 1.45, 2.2, 1.55, 0.4, edge=ink)
    _box(axes, 1.45, 2.34, 1.55, 0.07, edge=accent, face=accent, line=1)
    for i in range(8):
        _box(axes, 1.45 + i * 0.2, 1.08, 0.15, 0.4, edge=accent if i in (2, 5) else ink, face=accent if i in (2, 5) else "none", line=1.2)
    lengths = ((2.2, "whole context", 24, 0.3), (1.64, "a window", 4, 0.3), (1.08, "compressed", 24, 0.1), (0.52, "a state", 1, 0.3))
    for y, name, tokens, height in lengths:
        width = 1.44 / 24 if tokens > 1 else 0.3
        start = 3.35 + 1.44 - tokens * width
        for i in range(tokens):
            _box(axes, start + i * width, y + (0.4 - height) / 2, width, height, edge=accent, line=0.8)
        axes.text(4.9, y + 0.12, name, color=ink, size=10)
    axes.text(2.22, 2.74, "weights", ha="center", color=accent, weight="bold")
    axes.text(4.07, 2.74, "a layer's cache", ha="center", color=accent, weight="bold")
    axes.text(3.0, 0.12, "coloured: what one token's step reads", ha="center", color=accent)


def touched_weights():
    """Chapter 7: the weights that a step reads, and four kinds of cache."""
    return Picture(
        _touched_weights,
        "Left, the weights of a model as four rows. Of the embedding a single line is coloured, of eight experts two; attention and "
        "head are coloured entirely: that is what one token's step reads. Right, the cache of four kinds of layer: the whole context, a "
        "short window, the whole context in a thin compressed form, and one state that does not grow.",
        sketch=True,
    )


def _one_reading(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    cases = (
        (0.2, "a prompt", ["n"] * 6, [], "all at once"),
        (2.3, "a step", [], ["n"], "one at a time"),
        (4.1, "a step, guessing", [], ["n", "g", "g", "x"], "some at once"),
    )
    widths = (1.75, 1.45, 1.7)
    for (x, name, known, new, told), width in zip(cases, widths):
        _box(axes, x, 1.05, width, 0.55, edge=ink, face=grid)
        axes.text(x + width / 2, 1.22, "all weights", ha="center", color=ink, weight="bold", size=11)
        axes.text(x + width / 2, 2.62, name, ha="center", color=muted)
        tokens = known or new
        step = 0.27
        start = x + width / 2 - step * len(tokens) / 2
        for i, kind in enumerate(tokens):
            colour = {"n": ink, "g": accent, "x": muted}[kind]
            _box(axes, start + i * step, 2.1, 0.2, 0.3, edge=colour, face=colour if kind == "n" else "none")
            _arrow(axes, (start + i * step + 0.1, 2.05), (start + i * step + 0.1, 1.66), colour)
            if kind in "ng" and not (known and i < len(tokens) - 1):
                _arrow(axes, (start + i * step + 0.1, 1.0), (start + i * step + 0.1, 0.66), accent)
                _box(axes, start + i * step, 0.32, 0.2, 0.3, edge=accent, face=accent)
            elif kind == "x":
                axes.text(start + i * step + 0.1, 0.72, "wrong", ha="center", color=muted, size=9)
        axes.text(x + width / 2, 0.02, told, ha="center", color=muted, size=10)


def one_reading():
    """Chapter 8: how many tokens share one reading of the weights, and how many come out."""
    return Picture(
        _one_reading,
        "Three boxes, each all weights read once. Into the first go the six tokens of a prompt at once, and one new token comes out. Into the second goes "
        "one token, and one comes out. Into the third go one token and three guesses; the last guess is wrong, so three come out.",
        sketch=True,
    )


def _three_ways_to_share(axes, colours):
    ink, accent, muted, grid = (colours[name] for name in ("ink", "accent", "muted", "grid"))
    rows, width = (2.0, 1.62, 1.24, 0.86), 1.5
    for left, name, travels in (
        (0.3, "in strips", "adds up twice a layer"), (2.25, "in stages", "hands over at the end"), (4.2, "by experts", "sends tokens there, back"),
    ):
        axes.text(left + width / 2, 2.66, name, ha="center", color=ink, weight="bold")
        axes.text(left + width / 2, 0.5, travels, ha="center", color=muted, size=9)
        for i, y in enumerate(rows):
            if name == "in stages":
                _box(axes, left, y, width, 0.28, edge=ink, face=accent if i == 0 else "none", line=1.2)
                continue
            start = left + 0.46 * (name == "by experts")
            piece = (left + width - start) / 4
            if name == "by experts":
                _box(axes, left, y, 0.36, 0.28, edge=ink, face=accent, line=1.2)
            for part in range(4):
                _box(axes, start + part * piece, y, piece - 0.03, 0.28, edge=ink, face=accent if part == 1 else "none", line=1.2)
    axes.text(3.0, 0.1, "coloured: what one of four GPUs holds", ha="center", color=accent)


def three_ways_to_share():
    """Chapter 9: matrices in strips, layers in stages, experts shared out."""
    return Picture(
        _three_ways_to_share,
        "A model of four layers, three times, with what one of four GPUs holds coloured. In strips: a quarter of every layer; the GPUs add up twice a "
        "layer. In stages: one whole layer; the GPU hands over at its end. By experts: a copy of the dense part of every layer and one of its four experts; tokens are "
        "sent there and back.",
        sketch=True,
    )
