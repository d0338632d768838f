"""The napkin in a terminal: `python -m napkin --model Qwen3-32B --gpu "B200 SXM" --context 20000`."""

import argparse
import sys

from .questions.scenario import COUNTS, Scenario
from .language.numbers import show
from .language.inputs import INPUTS, NapkinError
from .catalogue.models import Model

PREFIXES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}


def number(text):
    """A number as people type it: 20000, 20_000, 20,000, 2e4, 20k, 192G."""
    plain = text.replace("_", "").replace(",", "")
    scale = PREFIXES.get(plain[-1:], 1)
    value = float(plain[:-1] if scale != 1 else plain) * scale
    return int(value) if value == value and abs(value) < 1e18 and value == int(value) else value


class Parser(argparse.ArgumentParser):
    """One that says what is wrong in one line."""

    def error(self, message):
        raise NapkinError(message)


def parser():
    made = Parser(
        prog="python -m napkin", description="How many users a GPU carries, how fast, and what a user costs.",
        epilog="Numbers are in base units (bytes, FLOP/s, seconds, dollars) and may be written 20k or 192G.", allow_abbrev=False,
    )
    made.add_argument("--model", metavar="NAME", help="a model of the catalogue; left out, the article's 32B")
    made.add_argument("--config", metavar="FILE", help="the config.json of a model of your own")
    made.add_argument("--gpu", metavar="NAME", help="an accelerator of the catalogue; left out, the article's B200")
    made.add_argument("--n-gpus", metavar="N", type=_typed, help="GPUs that hold the model together")
    made.add_argument("--count", metavar="WHAT", default="all",
                      help=f"what is counted beyond the article: all, article, or some of {', '.join(_short(one) for one in COUNTS)}")
    made.add_argument("--compute-bits", metavar="BITS", type=_typed, help="precision of the weights' products")
    made.add_argument("--list", choices=["models", "gpus"], help="print the names of the catalogue")
    made.add_argument("--json", action="store_true", help="print everything as JSON")
    inputs = made.add_argument_group("inputs")
    for name, known in INPUTS.items():
        if known.flag:
            continue
        default = f"{known.default.replace('_', ' ')}" if known.computed else show(known.default, known.unit, 6)
        inputs.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar=_metavar(known), type=_typed,
                            help=f"{known.says} (default: {default})".replace("%", "%%"))
    return made


def _short(name):
    return name.removeprefix("count_")


def _metavar(known):
    return "N" if known.unit == "1" else known.unit.upper().replace("/", "_PER_")


def _typed(text):
    try:
        return number(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r}") from None


def main(arguments=None):
    """Print the napkin; return the exit status: 0, or 2 for bad input, with one line on stderr."""
    try:
        return _main(arguments)
    except NapkinError as error:
        print(f"napkin: {error}", file=sys.stderr)
        return 2


def _main(arguments):
    given = vars(parser().parse_args(arguments))
    as_json, config, listed, count = (given.pop(name) for name in ("json", "config", "list", "count"))
    if listed:
        from .catalogue.entries import gpu, model

        print("\n".join((model if listed == "models" else gpu).names))
        return 0
    given = {name: value for name, value in given.items() if value is not None}
    if config is not None:
        if "model" in given:
            raise NapkinError("give --model or --config, not both")
        given["model"] = Model.from_config(config)
    given["count"] = count if count in ("all", "article") else [one for one in count.replace(",", " ").split()]
    found = Scenario.of(**given).estimate
    print(found.to_json() if as_json else found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
