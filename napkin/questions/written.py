"""A scenario as text: the link, the call and the command that the page's bar writes, and back from a link.

The page starts with conversations of its own, so the numbers that hold here instead are written out.
"""

import json
import re
import urllib.parse
from decimal import Decimal
from typing import Any, Self

from .. import catalogue
from ..language.errors import NapkinError, nearest
from ..language.inputs import INPUTS, check_together
from ..language.numbers import show
from ..several_gpus import LAYOUT

#: What can be counted where the article simplifies: a flag each, in the order in which chapter 7 turns them on.
COUNTS = tuple(name for name, known in INPUTS.items() if known.flag and name.startswith("count_"))
SHORT = {name.removeprefix("count_"): name for name in COUNTS}

#: Where the book's own scenario starts: the article's conversations, at the length where its count of users holds.
CHAT = {"context": 20_000, "duty_cycle": 0.2}

#: What a link says to a page alone: scenario A, where it opens, what comes along.
_PAGES = ("a=", "along=", "at=", "alone=")
_LINKED = {name for name in INPUTS if name != "as_the_article"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def implied(model, gpu) -> str:
    """What a page counts: everything for a model or a GPU of a name, nothing beyond the article else."""
    return "all" if model or gpu else "article"


class Written:
    """The texts of a Scenario."""

    @property
    def link(self: Any) -> str:
        """What stands behind the # in the address of a page of the book. Raises NapkinError for what no link can say."""
        given = {**{name: self.case.inputs[name] for name in LAYOUT if name in self.case.inputs}, **self._told()}
        for name in given:
            if name not in _LINKED:
                raise NapkinError(f"a link cannot hold {name}")
            _check_reach(name, given[name])
        if self.compute_bits is not None or self.attention_bits != 16:
            raise NapkinError("a link cannot hold the precision of products: give peak_flops and attention_peak_flops")
        parts = [f"{name}={_escaped(value)}" for name, value in self._names()]
        parts += [f"{name}={_spelled(given[name])}" for name in INPUTS if name in given and name not in COUNTS]
        flags, count, usual = [name for name in COUNTS if name in given], self._count(), implied(self.model, self.gpu)
        if flags and len(flags) < len(COUNTS) and self.count == usual:  # the others are as each page has them
            parts += [f"{name}={given[name]}" for name in flags]
        elif count != usual or not parts:
            parts.append(f"count={_escaped(_plain(count))}")
        return "&".join(parts)

    @property
    def python(self: Any) -> str:
        """A call that estimates this: "napkin.estimate(…)"."""
        parts = []
        for name, value in self._arguments():
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, (str, list)) else _spelled(value)
            parts.append(text if name == "model" or name == "gpu" and self.model else f"{name}={text}")
        return f"napkin.estimate({', '.join(parts)})"

    @property
    def command(self: Any) -> str:
        """The command line that prints it: "python -m napkin …"."""
        arguments = self._arguments()
        for name in self.given:
            if name not in INPUTS or INPUTS[name].flag and name not in COUNTS:
                raise NapkinError(f"the command line cannot hold {name}")
        return " ".join(["python -m napkin", *(f"--{name.replace('_', '-')} {_quoted(_plain(value))}" for name, value in arguments)])

    @classmethod
    def from_link(cls, text: str) -> Self:
        """Read an address of the book with its "#…", or what stands behind the #.

        Raises NapkinError for the first part that is not understood.

        >>> from napkin import Scenario
        >>> Scenario.from_link("index.html#model=qwen3_32b&kv_bits=16").python
        'napkin.estimate("Qwen3-32B", kv_bits=16, context=20000, duty_cycle=0.2)'
        """
        said = text.rpartition("#")[2] if isinstance(text, str) else ""
        if "=" not in said:
            raise NapkinError(f"there is no scenario in {text!r}")
        found: dict[str, Any] = dict(_part(part) for part in said.split("&") if part and not part.startswith(_PAGES))
        names, n_gpus = {name: found.pop(name, None) for name in ("model", "gpu")}, found.pop("n_gpus", None)
        for name, said_of in names.items():
            if said_of and getattr(catalogue, name).written(said_of) is None:
                near = getattr(catalogue, name)(said_of).name  # or the catalogue's own refusal
                raise NapkinError(f"a link has the names of the catalogue: not {said_of!r} but {near!r}")
        made: Any = cls(**{**names, "n_gpus": n_gpus, "count": found.pop("count", implied(**names)), "given": {**CHAT, **found}})
        for name, value in found.items():
            _check_reach(name, value)
        check_together({**{one: known.default for one, known in INPUTS.items() if not known.computed}, **made.case.inputs})
        return made

    def _names(self):
        """The names of model and GPU. Raises NapkinError for those that the catalogue does not have."""
        named = [(name, entry) for name in ("model", "gpu") if (entry := getattr(self, name))]
        for name, entry in named:
            known = getattr(catalogue, name)
            if entry.name not in known or known(entry.name) != entry:
                raise NapkinError(f"only a {name} of the catalogue can be written by name, and {entry.name!r} is one’s own")
        return [(name, entry.name) for name, entry in named]

    def _told(self):
        """The numbers that are written: those given, and those in force where the page starts with others."""
        return {**{name: self.case.inputs.get(name, INPUTS[name].default) for name in CHAT}, **self.given}

    def _arguments(self):
        """What `estimate` is called with, as (name, value)."""
        told, count, usual = self._told(), self._count(), {"n_gpus": None, "compute_bits": None, "attention_bits": 16}
        order = [name for name in INPUTS if name in told and name not in COUNTS] + [name for name in told if name not in INPUTS]
        return [
            *self._names(),
            *((name, getattr(self, name)) for name, value in usual.items() if getattr(self, name) != value),
            *((name, told[name]) for name in order),
            *([] if count == "all" else [("count", count)]),
        ]

    def _count(self):
        on = [short for short, flag in SHORT.items() if self.case.inputs.get(flag)]
        return "all" if len(on) == len(COUNTS) else on or "article"


def _part(text):
    """One "name=value" of a link. Raises NapkinError where it is not understood."""
    try:
        name, value = (urllib.parse.unquote_plus(one, errors="strict") for one in text.split("="))
    except ValueError:
        name, value = "", ""
    if name in ("model", "gpu"):
        return name, value
    if name == "count":
        return name, value if value in ("all", "article") else value.split(",")
    if name in ("n_gpus", *_LINKED) and _NUMBER.fullmatch(value):
        number = float(value)
        return name, int(number) if number.is_integer() and abs(number) < 2**53 else number
    raise NapkinError(f"{text[:60]!r} of the link is not understood" + nearest(name, ["model", "gpu", "count", *_LINKED]))


def _check_reach(name, number):
    """Raise NapkinError where no page holds so much, or so little, of an input."""
    known, (low, high) = INPUTS[name], INPUTS[name].reach
    if not known.choices and not low <= number <= high:
        low, high, got = (show(one, known.unit, known.digits) for one in (low, high, number))
        raise NapkinError(f"{name} must be from {low} to {high} on a page, got {got}")


def _plain(value):
    """A name, some names or a number as a link and a command have it."""
    return value if isinstance(value, str) else ",".join(value) if isinstance(value, list) else _spelled(value)


def _escaped(text):
    return urllib.parse.quote(text, safe="!~*'(),").replace("%20", "+")


def _quoted(text):
    return text if re.fullmatch(r"[\w.,-]+", text, re.ASCII) else "'" + text.replace("'", "'\\''") + "'"


def _spelled(number):
    """A number as JavaScript writes it."""
    exact = Decimal(repr(float(number))).normalize()
    return format(exact + 0, "f") if -7 <= exact.adjusted() < 21 else format(exact, "e")
