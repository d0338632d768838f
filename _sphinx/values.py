"""What Python prints of a result, as a table or a line that reads without the code: a dict, a tuple, columns between bars."""

from docutils import nodes

OPEN, CLOSE = "([{", ")]}"


def split_at(text, mark):
    """The parts of a Python display between marks that stand in no brackets and no quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for i, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in OPEN or letter in CLOSE:
            depth += 1 if letter in OPEN else -1
        elif not depth and text.startswith(mark, i):
            parts.append(text[start:i])
            start = i + len(mark)
    return [*parts, text[start:]]


def inside(text, brackets):
    """What stands between these brackets, as a list of parts; None where it is no such display."""
    if not (len(text) > 2 and text[0] == brackets[0] and text[-1] == brackets[1]):
        return None
    return split_at(" ".join(text[1:-1].split()).rstrip(","), ", ")  # 10,336 is one number


def plain(text):
    """A value without its quotes; a long whole number by thousands."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return f"{int(text):,}" if text.isdecimal() and len(text) > 3 else text


def entries_of(text):
    """{key: text of the value} of a dict's display; None where it is none."""
    parts = inside(text, "{}")
    pairs = [split_at(part, ": ") for part in parts or ()]
    return {plain(key): value for key, value in pairs} if pairs and all(len(pair) == 2 for pair in pairs) else None


def read(text):
    """(Head, rows) of what is printed, or a line of text, or None to leave it as it is."""
    text = text.strip()
    lines = text.split("\n")
    if len(lines) > 1 and len({line.count(" | ") for line in lines}) == 1 and " | " in text:
        return [], [line.split(" | ") for line in lines]
    if entries := entries_of(text):
        inner = [entries_of(value) for value in entries.values()]
        if all(inner) and len({tuple(one) for one in inner}) == 1:
            return ["", *inner[0]], [[key, *map(plain, one.values())] for key, one in zip(entries, inner)]
        cells = [inside(value, "[]") or inside(value, "()") or [value] for value in entries.values()]
        return ([], [[key, *map(plain, row)] for key, row in zip(entries, cells)]) if len({len(row) for row in cells}) == 1 else None
    if parts := inside(text, "()") or inside(text, "[]"):
        return None if any(part[0] in OPEN for part in parts) else " · ".join(map(plain, parts))
    return plain(text) if plain(text) != text and len(lines) == 1 else None


def as_table(head, rows):
    """A table of texts."""

    def row_of(cells):
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))

    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in rows[0]), cols=len(rows[0]))
    group += [nodes.thead("", row_of(head))] if head else []
    group += nodes.tbody("", *map(row_of, rows))
    return nodes.table("", group, classes=["napkin-values"])


def tell(output):
    """Put tables and lines in the place of what Python printed."""
    for block in list(output.findall(nodes.literal_block)):
        told = read(block.astext())
        if isinstance(told, tuple):
            block.replace_self(as_table(*told))
        elif told:
            block.replace_self(nodes.literal_block(told, told, language="none", classes=block["classes"]))
