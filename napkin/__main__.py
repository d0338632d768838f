"""The napkin in a terminal: `python -m napkin --model Qwen3-32B --gpu "B200 SXM" --context 20000`."""

import argparse
import os
import re
import sys
from decimal import Decimal

from . import catalogue
from .catalogue import Model
from .language.errors import NapkinError
from .language.inputs import INPUTS
from .language.numbers import show
from .questions.estimate import Estimate
from .questions.scenario import Scenario
from .questions.written import SHORT

PREFIXES = {"k": 3, "M": 6, "G": 9, "T": 12, "P": 15}
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?([eE][-+]?\d+)?")


def number(text: str) -> int | float:
    """A number as people type it: 20000, 20_000, 20,000, 2e4, 20k, 192G. A comma separates thousands and nothing else.

    Raises: ValueError for what is no number.

    >>> number("20k"), number("20,000"), number("0.25")
    (20000, 20000, 0.25)
    """
    power = PREFIXES.get(text[-1:])
    plain = (text[:-1] if power else text).replace("_", ",")
    if "," in plain:
        if not THOUSANDS.fullmatch(plain):
            raise ValueError(text)
        plain = plain.replace(",", "")
    try:
        value = float(Decimal(plain).scaleb(power) if power else plain)  # what was typed is taken exactly
    except ArithmeticError:
        raise ValueError(text) from None
    return int(value) if value == value and abs(value) < 1e18 and value == int(value) else value


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
    ("link", "ADDRESS", "the scenario of a page of the book: its address with what follows the #"),
]


def parser():
    made = Parser("python -m napkin", allow_abbrev=False, description="How many users a GPU carries, how fast, and what a user costs.")
    made.epilog = "Numbers are in base units (bytes, FLOP/s, seconds, dollars) and may be written 20k or 192G."
    for name, value, says in OPTIONS:
        made.add_argument(f"--{name}", metavar=value, type=_typed if value in ("N", "BITS") else str, help=says)
    made.add_argument("--list", choices=["models", "gpus"], help="print the names of the catalogue")
    made.add_argument("--json", action="store_true", help="print everything as JSON")
    inputs = made.add_argument_group("inputs")
    for name, known in INPUTS.items():
        if not known.flag:
            default = known.default.replace("_", " ") if known.computed else show(known.default, known.unit, 6)
            says = f"{known.says} (default: {default})".replace("%", "%%")
            value = "N" if known.unit == "1" else known.unit.upper().replace("/", "_PER_")
            inputs.add_argument(f"--{name.replace('_', '-')}", metavar=value, type=_typed, help=says)
    return made


def _typed(text):
    try:
        return number(text)
    except (ValueError, OverflowError):
        point = ", with a point before its decimals" if "," in text else ""
        raise argparse.ArgumentTypeError(f"must be a number{point}, got {text!r}") from None


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
