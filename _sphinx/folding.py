"""Code behind a small link under what it shows: folded, a chapter reads as prose with figures.

A cell keeps its place, its output comes first, and its code stands in a `<details>`, which opens without a script too. A
derivation that ends in an assertion says "checked". At a chapter's head stand its minutes and the switch for all code of
the book (shell.js); what is tagged `hide-input` is plumbing and opens by its own link only, and `show-input` is never folded.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

import values

WORDS_A_MINUTE = 200
SECONDS_A_LINE = 4  # of code
MINUTES_OF_PLAY = 2  # a playground
NOT_READ = (nodes.raw, nodes.table, nodes.math_block, nodes.math, nodes.literal_block, nodes.comment)  # word by word

PROOF = re.compile(r"^\s*assert\b", re.MULTILINE)
SCRIPT = re.compile(r"<(script|svg)\b.*?</\1>", re.DOTALL)
QUESTION = re.compile(r'<p class="napkin-guess-question">(.*?)</p>', re.DOTALL)
#: An output in a line or two of its own, which leaves room for the link beside it.
SHORT_HTML = "napkin-arithmetic"


def code_cells(document):
    """(cell, its code, its output or None, its tags) of every cell whose code is on the page."""
    for cell in document.findall(nodes.container):
        if cell.get("nb_element") != "cell_code" or not cell.children:
            continue
        parts = {part.get("nb_element"): part for part in cell.children}
        if code := parts.get("cell_code_source"):
            yield cell, code, parts.get("cell_code_output"), cell.get("cell_metadata", {}).get("tags", ())


def stands_beside(output):
    """Whether the output is so narrow that the link has room at its end."""
    html = "".join(one.astext() for one in output.findall(nodes.raw) if one.get("format") == "html")
    wide = [table for table in output.findall(nodes.table) if "napkin-values" not in table["classes"]]
    return not wide and not any(output.findall(nodes.image)) and (not html or SHORT_HTML in html)


def html(text):
    return nodes.raw("", text, format="html")


def fold(cell, code, output, tags):
    """Put the output first and the code into a `<details>` below or beside it."""
    is_plumbing = "hide-input" in tags
    classes = "napkin-code" if is_plumbing else "napkin-code is-switched"
    word = "checked" if PROOF.search(code.astext()) and not is_plumbing else "code"
    cell.attributes.pop("hide_mode", None)  # MyST-NB would put a bar of its own above
    cell["classes"] += ["is-folded", *(["is-beside"] if output is not None and stands_beside(output) else [])]
    cell.children = []
    cell += [output] if output is not None else []
    cell += [html(f'<details class="{classes}"><summary>{word}</summary>'), code, html("</details>")]


def seen_words(document):
    """How many words a reader of the folded page has before them: no tables, no equations, nothing folded."""
    count = folded = 0
    for node in document.findall():
        if isinstance(node, nodes.raw):
            text = SCRIPT.sub("", node.astext())
            folded += text.count("<details") - text.count("</details>")
            count += sum(len(re.sub("<[^>]*>", "", one).split()) for one in QUESTION.findall(text))
        elif isinstance(node, nodes.Text) and not folded and not within(node, NOT_READ):
            count += len(node.astext().split())
    return count


def within(node, kinds):
    """Whether a node stands in one of these kinds, or in a cell that is hidden as a whole."""
    while node := node.parent:
        if isinstance(node, kinds) or "hide-cell" in getattr(node, "attributes", {}).get("cell_metadata", {}).get("tags", ()):
            return True
    return False


def minutes(document, lines):
    """(Minutes without the code, minutes with it), at least one."""
    playgrounds = sum('class="napkin-playground"' in one.astext() for one in document.findall(nodes.raw))
    folded = seen_words(document) / WORDS_A_MINUTE + playgrounds * MINUTES_OF_PLAY
    return max(1, round(folded)), max(1, round(folded + lines * SECONDS_A_LINE / 60))


class FoldCode(SphinxPostTransform):
    """Fold the code of a notebook; say at its head how long it takes, and offer the switch."""

    default_priority = 150  # after MyST-NB chose what an output shows, before it hides cells
    formats = ("html",)

    def run(self, **kwargs):
        lines = 0
        for cell, code, output, tags in list(code_cells(self.document)):
            if "hide-cell" in tags or "show-input" in tags:
                continue
            if output is not None:
                values.tell(output)
            if "hide-input" not in tags:
                lines += sum(bool(line.strip()) for line in code.astext().splitlines())
            fold(cell, code, output, tags)
        title = next(self.document.findall(nodes.title), None)
        if not lines or title is None:
            return
        alone, with_code = minutes(self.document, lines)
        title.parent.insert(
            title.parent.index(title) + 1,
            html(
                f'<p class="napkin-reading">{alone} minutes, {with_code} with the code. '
                '<button type="button" class="napkin-code-switch" hidden>Show the code</button></p>'
            ),
        )
