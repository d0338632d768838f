"""The glossary's words in the text: the first of each on a page leads to what it means, and says it under the mouse."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

#: Words that stand on every page, or mean something else as often: their first appearance teaches nobody.
COMMON = set("attention bandwidth batch context conversation head latency page prompt scale step tile token user weights".split())


def forms(term):
    """How a term stands in a text: "tensor parallelism (TP)" also as "tensor parallel" and as "TP", "MBU and MFU" as each of them."""
    name, _, short = term.partition(" (")
    found = {name, short.rstrip(")"), *(name.split(" and ") if re.search(r"[A-Z]{3}", name) else ())}
    return {one for one in found | {name.removesuffix("ism")} if one and one not in COMMON}


def definitions(environment):
    """{form: (page, anchor, what it says)} of all entries of the glossary."""
    found = {}
    for term, _, kind, page, anchor, _ in environment.get_domain("std").get_objects():
        if kind == "term":
            said = next(node for node in environment.get_doctree(page).findall(nodes.definition_list_item) if anchor in node[0]["ids"])
            says = said[-1].astext().partition(" See chapter")[0]
            found.update(dict.fromkeys(forms(term), (page, anchor, says)))
    return found


class LinkTerms(SphinxPostTransform):
    default_priority = 900
    known = None

    def run(self):
        if not re.match(r"chapters/(\d|index)", self.env.docname) or self.app.builder.format != "html":
            return
        cls = type(self)
        cls.known = cls.known or definitions(self.env)
        pattern = re.compile(rf"(?<![\w-])({'|'.join(sorted(map(_either, cls.known), key=len, reverse=True))})(?![\w-])")
        met = set()
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, nodes.paragraph | nodes.emphasis) and not self._is_elsewhere(text):
                self._link(text, pattern, met)

    @staticmethod
    def _is_elsewhere(text):
        node = text.parent
        while node.parent is not None:
            if isinstance(node, (nodes.reference, nodes.title, nodes.table, nodes.container)) and "cell" not in node.get("classes", ()):
                return True
            node = node.parent
        return False

    def _link(self, text, pattern, met):
        for found in pattern.finditer(text):
            page, anchor, says = self.known.get(found[0]) or self.known[found[0][0].lower() + found[0][1:]]
            if anchor in met:
                continue
            met.add(anchor)
            address = f"{self.app.builder.get_relative_uri(self.env.docname, page)}#{anchor}"
            link = nodes.reference("", found[0], internal=True, refuri=address, reftitle=says, classes=["napkin-term"])
            before, after = nodes.Text(text[: found.start()]), nodes.Text(text[found.end() :])
            text.parent.replace(text, [before, link, after])
            self._link(after, pattern, met)
            return


def _either(form):
    """A form at the start of a sentence too; an abbreviation as it is."""
    return re.escape(form) if form[0].isupper() else f"[{form[0]}{form[0].upper()}]{re.escape(form[1:])}"
