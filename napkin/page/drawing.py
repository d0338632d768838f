"""Pictures of the scenario: the SVGs in `drawings/`, in which words, numbers and lengths are computed, and follow the page."""

import functools
import html
import json
import re
from importlib import resources

from ..language.errors import NapkinError, nearest
from ..language.sentences import FIELD, answer, fields_of, names_of, parts_as_json, span, term_of, told
from ..language.sentences import as_json as term_as_json
from .chart import COLOURS

TAG = re.compile(r"<(\w+)((?: [\w-]+=\"[^\"]*\")*)(/?)>")
TEXT = re.compile(r">([^<>]*\{[^<>]*)<")
ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*\{[^"]*)"')
RULES = {
    ":is(rect, path)": "fill: none; stroke-width: 1.6", "text": "font: 15px var(--napkin-font, sans-serif); text-anchor: middle",
    ".thin": "stroke-width: 2", ".dashed": "stroke-dasharray: 4 3", ".left": "text-anchor: start", ".right": "text-anchor: end",
    ".bold": "font-weight: 650", ".small": "font-size: 13px",
}  # fmt: skip
for _name, _colour in COLOURS.items():
    _shown = f"var(--napkin-{_name}, {_colour})"
    RULES |= {f".{_name}": f"stroke: {_shown}", f"text.{_name}": f"fill: {_shown}; stroke: none", f".on-{_name}": f"fill: {_shown}"}
#: How a drawing looks: in the page's colours, which follow the theme, and in the light ones where there is no page.
STYLE = "".join(f".napkin-drawing {what} {{ {rules} }}\n" for what, rules in RULES.items())


@functools.cache
def _source(name):
    folder = resources.files(__package__).joinpath("drawings")
    known = sorted(one.name.removesuffix(".svg") for one in folder.iterdir())
    if name not in known:
        raise NapkinError(f"there is no drawing {name!r}" + nearest(name, known))
    return folder.joinpath(f"{name}.svg").read_text("utf-8")


class Drawing:
    """A drawing by its name, of a scenario: `Drawing("machine", context=20_000)`.

    A {field} in a text is a number as in a sentence (`say`), one in an attribute a bare number, a length; where it has no
    value, the text has a dash and the length is 0. What is given by name is where the drawing starts from; in the built book
    it then follows the reader's scenario. Raises NapkinError for a name that is none.
    """

    def __init__(self, name, **at):
        self.name, self.at, self.source = name, at, _source(name)
        self.alternative = self.described(at)

    def names(self):
        """Every formula and input that is read, pinned or not."""
        terms = [part.term for text in self._texts() for part in fields_of(text) if not isinstance(part, str)]
        terms += [term_of(expression) for _, value in ATTRIBUTE.findall(self.source) for expression in FIELD.findall(value)]
        return tuple(dict.fromkeys(name for term in terms for name in names_of(term)))

    def _texts(self):
        return [re.search(r'aria-label="([^"]*)"', self.source)[1], *TEXT.findall(self.source)]

    def described(self, inputs):
        """What it shows, in words."""
        return told(fields_of(self._texts()[0]), inputs)

    def svg(self, inputs, prefix):
        """The drawing for these inputs as inline SVG; its ids start with `prefix`, data-draw and data-tell say what follows."""

        def text(found):
            parts = fields_of(html.unescape(found[1]))
            return f">{''.join(html.escape(part) if isinstance(part, str) else _tspan(part, inputs) for part in parts)}<"

        def tag(found):
            lengths = {}

            def attribute(one):
                name, value = one[1], html.unescape(one[2])
                if name == "aria-label":
                    lengths[name] = parts_as_json(fields_of(value))
                    return f' role="img" aria-label="{html.escape(self.described(inputs))}"'
                (expression,) = FIELD.findall(value)
                lengths[name] = [term_as_json(term_of(expression))]
                number = answer(term_of(expression), inputs)[0]
                return f' {name}="{number if number == number else 0:.6g}"'

            attributes = ATTRIBUTE.sub(attribute, found[2])
            follows = f' data-draw="{html.escape(json.dumps(lengths, separators=(",", ":")))}"' if lengths else ""
            return f"<{found[1]}{attributes}{follows}{found[3]}>"

        drawn = TEXT.sub(text, TAG.sub(tag, self.source))
        drawn = re.sub(r'(id="|url\(#)', rf"\g<1>{prefix}--", drawn)
        return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" class="napkin-drawing" ', 1).replace(
            ">\n", f">\n<style>{STYLE}</style>\n", 1
        )

    def alone(self, inputs):
        """The drawing for these inputs as an SVG that needs no page."""
        return re.sub(r' data-\w+="[^"]*"', "", self.svg(inputs, self.name))

    def __repr__(self):
        return f"[picture: {self.alternative}]"

    def _repr_mimebundle_(self, **kwargs):
        at, svg = html.escape(json.dumps(self.at)), self.svg(self.at, self.name)
        shown = f'<figure class="napkin-picture" data-at="{at}">{svg}</figure>'
        return {"text/plain": repr(self), "text/html": shown, "image/svg+xml": self.alone(self.at)}


def _tspan(field, inputs):
    """A number; a dash where there is none, since a reason is longer than a drawing has room for."""
    return span(field, inputs, "tspan", "—" if answer(field.term, inputs)[1] else "")
