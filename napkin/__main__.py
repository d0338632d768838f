"""The napkin in a terminal: `python -m napkin --model Qwen3-32B --gpu "B200 SXM" --context 20000`."""

import argparse
import functools
import json
import os
import re
import sys

from . import catalogue
from .catalogue import Model
from .language.errors import NapkinError
from .language.graph import formula_named
from .language.inputs import INPUTS
from .language.numbers import show
from .language.units import UNITS, in_words
from .questions.best import best
from .questions.estimate import Estimate
from .questions.scenario import Scenario
from .questions.written import SHORT

PREFIXES = {"k": 3, "M": 6, "G": 9, "T": 12, "P": 15}
WORDS = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
NUMBER = re.compile(r"([-+]?)([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([-+]?[0-9]+))?\s*([^0-9]*)")
BINARY = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt])ib", re.IGNORECASE)


def number(text: str, unit: str = "1") -> int | float:
    """A number as people type it, perhaps with its unit: 20000, 20_000, 20,000, 2e4, 20k, 192 GB, 80 GiB, 20 %, $4, 30 ms, 32 billion.

    As in a field of the page (typedNumber in numbers.js), but a bare number is in base units. A comma separates thousands and
    nothing else. Raises: ValueError for what is no number, or is in another unit.

    >>> number("20k"), number("20,000"), number("0.25"), number("20%", "percent"), number("80 GiB", "byte")
    (20000, 20000, 0.25, 0.2, 85899345920)
    """
    plain = re.sub(r"[\s_](?=[0-9]{3}(?![0-9]))", ",", re.sub(r"^([-+]?)\$\s*(.*)$", r"\1\2 $", text.strip()))
    units = UNITS[unit]
    if (binary := BINARY.fullmatch(plain)) and units.suffix.startswith("B"):
        value = float(binary[1]) * 1024 ** ("kmgt".index(binary[2].lower()) + 1)
    elif found := NUMBER.fullmatch(plain):
        sign, digits, exponent, said = found.groups()
        power = _power(said.strip(), units) if said.strip() else 0
        if power is None:
            raise ValueError(text)
        value = float(f"{sign}{digits.replace(',', '')}e{int(exponent or 0) + power}")  # what was typed is taken exactly
    else:
        value = float(plain) if re.fullmatch(r"[-+]?(inf(inity)?|nan)", plain, re.IGNORECASE) else float("no number")
    return int(value) if value == value and abs(value) < 1e18 and value == int(value) else value


def _power(said, units):
    """The power of ten that a unit behind a number stands for; None where it is not this unit."""
    if said in PREFIXES and not units.percent:
        return PREFIXES[said]
    said, name = said.lower().replace("\u03bc", "µ"), units.suffix.strip().lower()
    if units.percent:
        return -2 if said == name else None
    endings = ["", name, *([name[:-1]] if units.plural else [])]
    own = [(power, word) for power, prefix in units.prefixes.items() for word in (prefix.strip().lower(), prefix.replace("µ", "u"))]
    several = [(3, "k"), *((power, word) for word, power in WORDS.items())]
    letters = [(6, "m"), (9, "b"), (12, "t")] if units.count else []  # "32B" is said of what is counted
    for power, word in (*own, *several, *letters):
        for ending in endings:
            if (ending or power > 0 and word != "e") and said in (word + ending, f"{word} {ending}".strip()):
                return power
    return None


class Parser(argparse.ArgumentParser):
    """One that says what is wrong in one line."""

    def error(self, message):
        raise NapkinError(message)


#: (name, what stands for its value, what it is) of what is not an input.
OPTIONS = [
    ("model", "NAME", "a model of the catalogue; left out, the article's 32B"),
    ("config", "FILE", "the config.json of a model of your own"),
    ("gpu", "NAME", "an accelerator of the catalogue; left out, the article's B200"),
    ("n-gpus", "N", "GPUs that hold the model together"),
    ("count", "WHAT", f"what is counted beyond the article: all (the default), article, or some of {', '.join(SHORT)}"),
    ("compute-bits", "BITS", "precision of the weights' products"),
    ("attention-bits", "BITS", "precision of attention's products"),
    ("at-least", "RESULT=NUMBER", "find the cheapest layout that keeps this; may be said several times (users=5000)"),
    ("at-most", "RESULT=NUMBER", "likewise (time_to_first_token=2s)"),
    ("link", "ADDRESS", "the scenario of a page of the book: its address with what follows the #"),
]


def parser():
    made = Parser("python -m napkin", allow_abbrev=False, description="How many users a GPU carries, how fast, and what a user costs.")
    made.epilog = "Numbers are in base units (bytes, FLOP/s, seconds, dollars) and may be written 20k, 192 GB, 80GiB, 20%, 30ms or 1,000."
    for name, value, says in OPTIONS:
        how = {"action": "append", "type": _promise} if "=" in value else {"type": _reader("1") if value in ("N", "BITS") else str}
        made.add_argument(f"--{name}", metavar=value, help=says, **how)
    made.add_argument("--list", choices=["models", "gpus"], help="print the names of the catalogue")
    made.add_argument("--json", action="store_true", help="print everything as JSON")
    inputs = made.add_argument_group("inputs")
    for name, known in INPUTS.items():
        if not known.flag:
            default = known.default.replace("_", " ") if known.computed else show(known.default, known.unit, 6)
            says = f"{known.says} (default: {default})".replace("%", "%%")
            value = "N" if known.unit == "1" else known.unit.upper().replace("/", "_PER_")
            inputs.add_argument(f"--{name.replace('_', '-')}", metavar=value, type=_reader(known.unit), help=says)
    return made


def _reader(unit):
    """What reads a number in this unit."""
    return functools.partial(_typed, unit=unit)


def _promise(text):
    """(result, number) of "users=5000"."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"must be RESULT=NUMBER, as in users=5000, got {text!r}")
    name = name.strip().replace("-", "_")
    try:
        return name, _typed(value.strip(), formula_named(name).unit)
    except NapkinError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _typed(text, unit):
    try:
        return number(text, unit)
    except (ValueError, OverflowError):
        wants = ", with a point before its decimals" if "," in text else ""
        if not wants and UNITS[unit].suffix and re.match(r"[-+$]?[0-9]", text):  # a number of something else
            wants = f" of {in_words(unit)}" if not UNITS[unit].percent else ", or a percentage"
        raise argparse.ArgumentTypeError(f"must be a number{wants}, got {text!r}") from None


def main(arguments: list[str] | None = None) -> int:
    """Print the napkin; return the exit status: 0, or 2 for bad input and 1 where it cannot be written, with one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a sign that the terminal does not have is no reason to fail
    try:
        print(_printed(arguments), flush=True)
        return 0
    except NapkinError as error:
        print(f"napkin: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if not (enough := isinstance(error, BrokenPipeError)):  # else whoever reads has read enough
            print(f"napkin: cannot write the result: {error.strerror or error}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if enough else 1
    return 0


def _printed(arguments):
    given = vars(parser().parse_args(arguments))
    as_json, config, listed, count, link = (given.pop(name) for name in ("json", "config", "list", "count", "link"))
    if listed:
        return "\n".join(getattr(catalogue, listed[:-1]).names)
    given = {name: value for name, value in given.items() if value is not None}
    if config is not None:
        if "model" in given:
            raise NapkinError("give --model or --config, not both")
        given["model"] = Model.from_config(config)
    if count is not None:
        given["count"] = count if count in ("all", "article") else count.replace(",", " ").split()
    promised = {name: dict(given.pop(name)) for name in ("at_least", "at_most") if name in given}
    if promised and link:
        raise NapkinError("give --link or promises, not both")
    if promised:
        cheapest = best(**promised, **given)
        return json.dumps(cheapest.to_dict(), indent=2) if as_json else str(cheapest)
    found = Estimate(Scenario.from_link(link).with_(**given) if link else Scenario.of(**given))
    if not as_json:
        return str(found)
    text = found.to_json()
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):  # the terminal, or the file, does not have all its signs
        return found.to_json(ensure_ascii=True)
    return text


if __name__ == "__main__":
    sys.exit(main())
