"""The concept pictures of the chapters, drawn as by hand: each function gives its picture."""

from matplotlib.patches import Rectangle

from .page.picture import Picture


class Pen:
    """Draws boxes, arrows and words on the axes of a picture; its words are centred."""

    def __init__(self, axes):
        self.axes = axes

    def box(self, x, y, width, height, edge, face="none", line=1.6, **more):
        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=edge, linewidth=line, **more))

    def arrow(self, start, end, colour):
        self.axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.6})

    def write(self, x, y, words, colour, ha="center", bold=False, **more):
        self.axes.text(x, y, words, color=colour, ha=ha, weight="bold" if bold else "normal", **more)


def sketch(alternative, size=(6.0, 3.0)):
    """Make of a function that draws, with a pen and the colours of the page, one that gives the picture."""

    def decorate(draw):
        def drawn(axes, colours):
            draw(Pen(axes), *(colours[name] for name in ("ink", "accent", "muted", "grid")))

        def picture():
            return Picture(drawn, alternative, size=size, sketch=True)

        drawn.__name__ = picture.__name__ = draw.__name__
        picture.__doc__ = draw.__doc__
        return picture

    return decorate


@sketch(
    "Five tokens in a row, each with a key and a value below it. Those of the first four are kept in the cache and only "
    "read; the fifth token alone passes through the weights and adds one key and one value a layer.",
    size=(6.0, 2.65),
)
def growing_cache(pen, ink, accent, muted, grid):
    """Chapter 3: a cache that grows by one token."""
    words = ["How", "many", "users", "fit", "?"]
    for i, word in enumerate(words):
        x, new = 0.35 + 0.62 * i, i == len(words) - 1
        colour = accent if new else ink
        pen.write(x + 0.25, 2.27, word, colour, bold=True)
        for row, letter in ((1.4, "k"), (0.75, "v")):
            pen.box(x, row, 0.5, 0.5, colour, "none" if new else grid)
            pen.write(x + 0.25, row + 0.15, letter, colour)
    pen.box(0.22, 0.6, 0.62 * 4 + 0.06, 1.45, muted, line=1.1, linestyle=(0, (4, 3)))
    pen.write(1.62, 0.25, "the cache: read, not computed again", muted)
    pen.arrow((3.55, 1.3), (4.3, 1.3), accent)
    pen.write(4.4, 1.6, "one new token:", accent, "left", bold=True)
    for y, words in ((1.3, "one pass over"), (1.03, "the weights,"), (0.76, "one key and one"), (0.49, "value a layer")):
        pen.write(4.4, y, words, accent, "left")


@sketch(
    "One block of weights above, with an arrow to each of four users: it is read once for everybody. Below, four separate "
    "caches, each with an arrow to its own user only."
)
def shared_and_private(pen, ink, accent, muted, grid):
    """Chapter 4: one block of weights for all users, a cache for each."""
    pen.box(1.1, 2.15, 3.8, 0.6, ink, grid)
    pen.write(3.0, 2.36, "weights: read once for everybody", ink, bold=True)
    for i in range(4):
        x = 1.45 + 1.05 * i
        pen.arrow((x, 2.1), (x, 1.72), ink)
        pen.write(x, 1.46, f"user {i + 1}", muted)
        pen.arrow((x, 1.0), (x, 1.38), accent)
        pen.box(x - 0.36, 0.45, 0.72, 0.5, accent)
        pen.write(x, 0.62, "cache", accent)
    pen.write(3.0, 0.12, "caches: each read for one user alone", accent, bold=True)


@sketch(
    "Matrix A, N by d, to the left of the product O, and matrix B, d by M, above it. A T by T tile of O stays on chip. Each "
    "step along d loads T elements from a column of A and T from a row of B and adds to all T times T sums."
)
def tile_of_a_product(pen, ink, accent, muted, grid):
    """Chapter 1: one tile of a matrix product, and what a step loads for it."""
    (a_x, o_x), (b_y, o_y), (d, rows, columns), t = (0.5, 1.75), (1.83, 0.42), (1.0, 1.2, 1.6), 0.4
    row, column = o_y + 0.4, o_x + 0.8  # where the tile lies
    pen.box(a_x, row, d, t, grid, grid)
    pen.box(column, b_y, t, d - 0.2, grid, grid)
    pen.box(a_x + 0.62, row, 0.1, t, accent, accent)
    pen.box(column, b_y + 0.24, t, 0.1, accent, accent)
    pen.box(column, row, t, t, accent, line=2.2)
    pen.box(a_x, o_y, d, rows, ink)
    pen.box(o_x, b_y, columns, d - 0.2, ink)
    pen.box(o_x, o_y, columns, rows, ink)
    for x, y, letter in ((a_x + 0.12, o_y + 0.95, "A"), (o_x + 0.1, b_y + 0.55, "B"), (o_x + 0.1, o_y + 0.95, "O")):
        pen.write(x, y, letter, ink, "left", bold=True)
    for x, y, letter in ((a_x - 0.2, o_y + 0.55, "N"), (a_x + 0.5, 0.16, "d"), (o_x - 0.2, b_y + 0.33, "d"), (o_x + 0.8, 2.74, "M")):
        pen.write(x, y, letter, muted)
    pen.write(column + 0.2, row + 0.12, "T", accent, bold=True)
    pen.arrow((column + t + 0.06, row + 0.2), (3.75, row + 0.2), accent)
    for y, words in ((2.32, "each step loads"), (2.05, "T of A and T of B"), (1.02, "and adds to T × T"), (0.75, "sums kept on chip")):
        pen.write(3.85, y, words, accent, "left")


@sketch(
    "Three conversations, each a matrix of n tokens by d, all pass through the same d by d weight matrix W, which is read "
    "once for all of them. Each comes out as keys of its own."
)
def shared_weights(pen, ink, accent, muted, grid):
    """Chapter 2: one reading of the weights serves every conversation of a batch."""
    pen.box(2.4, 0.95, 1.2, 1.2, accent, line=2.2)
    pen.write(3.0, 1.62, "W", accent, bold=True)
    pen.write(3.0, 1.25, "d × d", accent)
    pen.write(3.0, 2.4, "read once for all", accent)
    for i, y in enumerate((2.1, 1.3, 0.5)):
        pen.box(0.45, y, 1.0, 0.5, ink, grid)
        pen.box(4.55, y, 1.0, 0.5, ink)
        pen.write(0.95, y + 0.16, f"chat {i + 1}", ink)
        pen.write(5.05, y + 0.16, f"K {i + 1}", ink)
        pen.arrow((1.5, y + 0.25), (2.34, 1.55 + 0.3 * (1 - i)), ink)
        pen.arrow((3.66, 1.55 + 0.3 * (1 - i)), (4.5, y + 0.25), ink)
    pen.write(0.95, 0.14, "n × d each", muted)
    pen.write(5.05, 0.14, "n × d each", muted)


@sketch(
    "The same GPU memory twice, as a bar. In both the weights take a sixth. In the upper bar six large caches fill the rest, in "
    "the lower one thirty small ones. An arrow along both: one step reads all of it, once."
)
def full_memory(pen, ink, accent, muted, grid):
    """Chapter 5: a full memory takes as long to read, whoever fills it."""
    left, weights, right = 0.55, 0.8, 5.35
    for y, cache in ((1.95, 0.655), (0.55, 0.131)):
        pen.box(left, y, weights, 0.55, ink, grid)
        pen.write(left + weights / 2, y + 0.19, "weights", ink, size=10)
        for i in range(int((right - left - weights) / cache)):
            pen.box(left + weights + i * cache, y, cache, 0.55, accent, line=1.2)
        pen.box(left, y, right - left, 0.55, ink, line=2.2)
    pen.write(3.35, 2.64, "few long conversations", accent, bold=True)
    pen.write(3.35, 0.2, "many short ones", accent, bold=True)
    pen.arrow((left, 1.67), (right, 1.67), muted)
    pen.write(2.95, 1.33, "one step reads all of it, once", muted)


@sketch(
    "A box, one GPU-hour, with two arrows down. One leads to a bar cut into a few pieces, its users: each piece is the rent of "
    "a user. The other leads to the same bar cut into many pieces, its tokens: each piece is the price of a token."
)
def hour_cut_twice(pen, ink, accent, muted, grid):
    """Chapter 6: the same money, divided by users and by tokens."""
    pen.box(2.1, 2.2, 1.8, 0.55, ink, grid)
    pen.write(3.0, 2.4, "one GPU-hour", ink, bold=True)
    users, tokens = ("cut by its users", "rent of a user"), ("cut by its tokens", "price of a token")
    for left, pieces, colour, start, middle, (by, gives) in ((0.4, 8, ink, 2.55, 0.62, users), (3.4, 32, accent, 3.45, 1.58, tokens)):
        for i in range(pieces):
            pen.box(left + 2.2 / pieces * i, 0.65, 2.2 / pieces, 0.5, colour, line=1.1)
        pen.arrow((start, 2.12), (left + 1.1, 1.22), colour)
        pen.write(left + middle, 1.7, by, muted, size=11)
        pen.write(left + 1.1, 0.26, gives, colour, bold=True)


@sketch(
    "Left, the weights of a model as four rows. Of the embedding a single line is coloured, of eight experts two; attention and "
    "head are coloured entirely: that is what one token's step reads. Right, the cache of four kinds of layer: the whole context, a "
    "short window, the whole context in a thin compressed form, and one state that does not grow."
)
def touched_weights(pen, ink, accent, muted, grid):
    """Chapter 7: the weights that a step reads, and four kinds of cache."""
    for y, name in ((2.2, "embedding"), (1.64, "attention"), (1.08, "experts"), (0.52, "head")):
        pen.write(1.3, y + 0.12, name, ink, "right")
    for y in (1.64, 0.52):
        pen.box(1.45, y, 1.55, 0.4, accent, accent)
    pen.box(1.45, 2.2, 1.55, 0.4, ink)
    pen.box(1.45, 2.34, 1.55, 0.07, accent, accent, line=1)
    for i in range(8):
        pen.box(1.45 + i * 0.2, 1.08, 0.15, 0.4, *((accent, accent) if i in (2, 5) else (ink, "none")), line=1.2)
    lengths = ((2.2, "whole context", 24, 0.3), (1.64, "a window", 4, 0.3), (1.08, "compressed", 24, 0.1), (0.52, "a state", 1, 0.3))
    for y, name, tokens, height in lengths:
        width = 1.44 / 24 if tokens > 1 else 0.3
        start = 3.35 + 1.44 - tokens * width
        for i in range(tokens):
            pen.box(start + i * width, y + (0.4 - height) / 2, width, height, accent, line=0.8)
        pen.write(4.9, y + 0.12, name, ink, "left", size=10)
    pen.write(2.22, 2.74, "weights", accent, bold=True)
    pen.write(4.07, 2.74, "a layer's cache", accent, bold=True)
    pen.write(3.0, 0.12, "coloured: what one token's step reads", accent)


@sketch(
    "Three boxes, each all weights read once. Into the first go the six tokens of a prompt at once, and one new token comes out. "
    "Into the second goes one token, and one comes out. Into the third go one token and three guesses; the last guess is wrong, so "
    "three come out."
)
def one_reading(pen, ink, accent, muted, grid):
    """Chapter 8: how many tokens share one reading of the weights, and how many come out."""
    cases = (
        (0.2, 1.75, "a prompt", "nnnnnn", [5], "all at once"),
        (2.3, 1.45, "a step", "n", [0], "one at a time"),
        (4.1, 1.7, "a step, guessing", "nggx", [0, 1, 2], "some at once"),
    )
    for x, width, name, tokens, answered, told in cases:
        middle, step = x + width / 2, 0.27
        pen.box(x, 1.05, width, 0.55, ink, grid)
        pen.write(middle, 1.22, "all weights", ink, bold=True, size=11)
        pen.write(middle, 2.62, name, muted)
        for i, kind in enumerate(tokens):
            left, colour = middle - step * len(tokens) / 2 + i * step, {"n": ink, "g": accent, "x": muted}[kind]
            pen.box(left, 2.1, 0.2, 0.3, colour, colour if kind == "n" else "none")
            pen.arrow((left + 0.1, 2.05), (left + 0.1, 1.66), colour)
            if i in answered:
                pen.arrow((left + 0.1, 1.0), (left + 0.1, 0.66), accent)
                pen.box(left, 0.32, 0.2, 0.3, accent, accent)
            elif kind == "x":
                pen.write(left + 0.1, 0.72, "wrong", muted, size=9)
        pen.write(middle, 0.02, told, muted, size=10)


@sketch(
    "A model of four layers, three times, with what one of four GPUs holds coloured. In strips: a quarter of every layer; the GPUs add "
    "up twice a layer. In stages: one whole layer; the GPU hands over at its end. By experts: a copy of the dense part of every layer "
    "and one of its four experts; tokens are sent there and back."
)
def three_ways_to_share(pen, ink, accent, muted, grid):
    """Chapter 9: matrices in strips, layers in stages, experts shared out."""
    ways = (("in strips", "adds up twice a layer"), ("in stages", "hands over at the end"), ("by experts", "sends tokens there, back"))
    width = 1.5
    for left, (name, travels) in zip((0.3, 2.25, 4.2), ways):
        pen.write(left + width / 2, 2.66, name, ink, bold=True)
        pen.write(left + width / 2, 0.5, travels, muted, size=9)
        for i, y in enumerate((2.0, 1.62, 1.24, 0.86)):
            if name == "in stages":
                pen.box(left, y, width, 0.28, ink, accent if i == 0 else "none", line=1.2)
                continue
            start = left + 0.46 * (name == "by experts")
            piece = (left + width - start) / 4
            if name == "by experts":
                pen.box(left, y, 0.36, 0.28, ink, accent, line=1.2)
            for part in range(4):
                pen.box(start + part * piece, y, piece - 0.03, 0.28, ink, accent if part == 1 else "none", line=1.2)
    pen.write(3.0, 0.1, "coloured: what one of four GPUs holds", accent)
