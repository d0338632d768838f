"""A scenario as text: the link, the call and the command that the page's bar writes, and back from a link.

The page starts with conversations of its own, so the numbers that hold here instead are written out.
"""

import json
import re
import urllib.parse
from decimal import Decimal
from typing import Any

from .. import catalogue
from ..language.errors import NapkinError, nearest
from ..language.inputs import INPUTS, check_together
from ..language.numbers import show
from ..several_gpus import LAYOUT
from .scenario import CHAT, COUNTS, SHORT, Scenario, implied

_LINKED = {name for name in INPUTS if name != "as_the_article"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def link_of(asked: Scenario) -> str:
    """What stands behind the # in the address of a page of the book. Raises NapkinError for what no link can say."""
    given = {**{name: asked.case.inputs[name] for name in LAYOUT if name in asked.case.inputs}, **_told(asked)}
    for name in given:
        if name not in _LINKED:
            raise NapkinError(f"a link cannot hold {name}")
        _check_reach(name, given[name])
    if asked.compute_bits is not None or asked.attention_bits != 16:
        raise NapkinError("a link cannot hold the precision of products: give peak_flops and attention_peak_flops")
    parts = [f"{name}={_escaped(value)}" for name, value in _names(asked)]
    parts += [f"{name}={_spelled(given[name])}" for name in INPUTS if name in given and name not in COUNTS]
    flags = [name for name in COUNTS if name in given]
    count = _count(asked)
    if flags and len(flags) < len(COUNTS) and asked.count == implied(asked.model, asked.gpu):  # the others are as each page has them
        parts += [f"{name}={given[name]}" for name in flags]
    elif count != implied(asked.model, asked.gpu) or not parts:
        parts.append(f"count={_escaped(count if isinstance(count, str) else ','.join(count))}")
    return "&".join(parts)


def python_of(asked: Scenario) -> str:
    """A call that estimates this: "napkin.estimate(…)"."""
    names = _names(asked)
    parts = [(f"{name}=" if name == "gpu" and not asked.model else "") + json.dumps(value, ensure_ascii=False) for name, value in names]
    parts += [f"{name}={_spelled(value)}" for name, value in _arguments(asked)]
    count = _count(asked)
    if count != "all":
        parts.append(f"count={json.dumps(count, ensure_ascii=False)}")
    return f"napkin.estimate({', '.join(parts)})"


def command_of(asked: Scenario) -> str:
    """The command line that prints it: "python -m napkin …"."""
    given = _names(asked) + [(name.replace("_", "-"), _spelled(value)) for name, value in _arguments(asked)]
    for name in asked.given:
        if name not in INPUTS or INPUTS[name].flag and name not in COUNTS:
            raise NapkinError(f"the command line cannot hold {name}")
    count = _count(asked)
    if count != "all":
        given.append(("count", count if isinstance(count, str) else ",".join(count)))
    return " ".join(["python -m napkin", *(f"--{name} {_quoted(value)}" for name, value in given)])


def read(text: str) -> Scenario:
    """The scenario of an address of the book, or of what stands behind its #. Raises NapkinError for what is not understood."""
    said = text.rpartition("#")[2] if isinstance(text, str) else ""
    if "=" not in said:
        raise NapkinError(f"there is no scenario in {text!r}")
    found: dict[str, Any] = {}
    for part in said.split("&"):
        if part:
            name, value = _part(part)
            found[name] = value
    names = {name: found.pop(name, None) for name in ("model", "gpu")}
    made = Scenario(**names, count=found.pop("count", implied(**names)), given={**CHAT, **found})
    for name, value in found.items():
        _check_reach(name, value)
    check_together({**{one: known.default for one, known in INPUTS.items() if not known.computed}, **made.case.inputs})
    return made


def _names(asked):
    """The names of model and GPU. Raises NapkinError for those that the catalogue does not have."""
    named = [(name, getattr(asked, name)) for name in ("model", "gpu") if getattr(asked, name)]
    for name, entry in named:
        known = getattr(catalogue, name)
        if entry.name not in known or known(entry.name) != entry:
            raise NapkinError(f"only a {name} of the catalogue can be written by name, and {entry.name!r} is one’s own")
    return [(name, entry.name) for name, entry in named]


def _told(asked):
    """The numbers that are written: those given, and those in force where the page starts with others."""
    return {**{name: asked.case.inputs.get(name, INPUTS[name].default) for name in CHAT}, **asked.given}


def _arguments(asked):
    names = {name: getattr(asked, name) for name in ("n_gpus", "compute_bits") if getattr(asked, name) is not None}
    if asked.attention_bits != 16:
        names["attention_bits"] = asked.attention_bits
    told = _told(asked)
    order = [name for name in INPUTS if name in told and name not in COUNTS] + [name for name in told if name not in INPUTS]
    return [*names.items(), *((name, told[name]) for name in order)]


def _count(asked):
    on = [short for short, flag in SHORT.items() if asked.case.inputs.get(flag)]
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
    if name in _LINKED and _NUMBER.fullmatch(value):
        number = float(value)
        return name, int(number) if number.is_integer() and abs(number) < 2**53 else number
    raise NapkinError(f"{text[:60]!r} of the link is not understood" + nearest(name, ["model", "gpu", "count", *_LINKED]))


def _check_reach(name, number):
    """Raise NapkinError where no page holds so much, or so little, of an input."""
    known, (low, high) = INPUTS[name], INPUTS[name].reach
    if not known.choices and not low <= number <= high:
        low, high, got = (show(one, known.unit, known.digits) for one in (low, high, number))
        raise NapkinError(f"{name} must be from {low} to {high} on a page, got {got}")


def _escaped(text):
    return urllib.parse.quote(text, safe="!~*'(),").replace("%20", "+")


def _quoted(text):
    return text if re.fullmatch(r"[\w.,-]+", text, re.ASCII) else "'" + text.replace("'", "'\\''") + "'"


def _spelled(number):
    """A number as JavaScript writes it."""
    exact = Decimal(repr(float(number))).normalize()
    return format(exact + 0, "f") if -7 <= exact.adjusted() < 21 else format(exact, "e")
