"""The theme's styles without what the book does not use: rules for other elements, classes and ids than its own."""

import re
from html.parser import HTMLParser

import tinycss2

WORD = re.compile(r"[A-Za-z_][\w-]*")
GROUPS = ("media", "supports", "layer", "container")


class Names(HTMLParser):
    """Every name that a style may speak of, on the pages it is fed; and the characters inside equations."""

    def __init__(self):
        super().__init__()
        self.names, self.equations, self.inside = set(), set(), []

    def handle_starttag(self, tag, attributes):
        self.inside = [tag] if tag in ("script", "math", "annotation") else self.inside
        self.names.add(tag)
        self.equations.update("√" if tag in ("msqrt", "mroot") else "")  # drawn by an element, and no text
        for name, value in attributes:
            self.names.add(name)
            if name in ("class", "id"):
                self.names.update((value or "").split())

    def handle_endtag(self, tag):
        if tag == "annotation":
            self.inside = ["math"]
        elif self.inside == [tag]:
            self.inside = []

    def handle_data(self, data):
        if self.inside == ["script"]:
            self.names.update(WORD.findall(data))
        elif self.inside == ["math"]:
            self.equations.update(data)


def split(tokens):
    """A selector list, parted at its commas."""
    parts = [[]]
    for token in tokens:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def matches(selector, names):
    """Whether a selector may match an element of these names; what :not() and states say is left open."""
    before = None
    for token in selector:
        if token.type in ("ident", "hash"):
            if before != ":" and token.value not in names and token.value.lower() not in names:
                return False
        elif token.type == "[] block":
            name = next((one.value for one in token.content if one.type == "ident"), None)
            if name not in names:
                return False
        elif token.type == "function" and token.lower_name in ("is", "where"):
            if not any(matches(one, names) for one in split(token.arguments)):
                return False
        before = token
    return True


def rules_for(names, content):
    """The rules of a style sheet, or of a group in it, that these names may need."""
    for rule in content:
        if rule.type == "qualified-rule":
            kept = [one for one in split(rule.prelude) if matches(one, names)]
            if kept:
                yield ",".join(tinycss2.serialize(one).strip() for one in kept), rule.content
        elif rule.type == "at-rule" and rule.lower_at_keyword in GROUPS and rule.content is not None:
            inner = list(rules_for(names, tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}", inner
        elif rule.type == "at-rule":
            yield rule.serialize(), None


def written(rules, unused):
    """Rules as text, without declarations of variables that are unused."""
    text = []
    for head, content in rules:
        if content is None:
            text.append(head)
        elif content and isinstance(content[0], tuple):
            text.append(f"{head}{{{written(content, unused)}}}")
        else:
            declared = [
                one
                for one in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
                if not (one.type == "declaration" and one.name in unused)
            ]
            body = ";".join(
                f"{one.name}:{tinycss2.serialize(one.value).strip()}{'!important' * one.important}"
                if one.type == "declaration"
                else one.serialize()
                for one in declared
            )
            if body:
                text.append(f"{head}{{{body}}}")
    return "\n".join(text)


def trim(sheets, names, others):
    """Style sheets, {name: text}, without rules that match nothing of `names`, and without variables that nobody reads.

    `others` is all the text beside them that may read a variable: the book's own styles and scripts.
    """
    rules = {
        name: list(rules_for(names, tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)))
        for name, text in sheets.items()
    }
    unused = set()
    while True:  # a variable may be read only by one that is not read itself
        texts = {name: written(some, unused) for name, some in rules.items()}
        everything = "\n".join([*texts.values(), others])
        read = set(re.findall(r"(--[\w-]+)(?!\s*:|[\w-])", everything))
        declared = set(re.findall(r"(?<=[{;\n\s])(--[\w-]+)\s*:", everything))
        if not (more := declared - read - unused):
            return texts
        unused |= more
