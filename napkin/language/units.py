"""Units: one row each, which says how a number in it is written, counted, asked for and typed, and what it is made of.

The page gets the table whole. A new unit is a new row; `words` and `dimension` follow from its name.
"""

import functools
from typing import NamedTuple

from .errors import NapkinError, nearest

DECIMAL = {-9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
LARGE = {power: DECIMAL[power] for power in (0, 3, 6, 9, 12, 15, 18)}
SMALL = {power: DECIMAL[power] for power in (-9, -6, -3, 0)}
WORDS = {0: "", 6: " million", 9: " billion", 12: " trillion", 15: " quadrillion", 18: " quintillion"}
PLAIN = {0: ""}

#: What a guess in it is too much of, and too little.
ASKED = {"many": ("many", "few"), "much": ("much", "little"), "long": ("long", "short"), "high": ("high", "low")}


class Unit(NamedTuple):
    """How a number in this unit is written (prefixes by power of ten, what follows the number, what it is counted by), and more.

    `asked`: how much of it, a key of ASKED. `count`: "whole" or "real" where it counts things, and may stand in for
    another count ("users" for "conversations"). `alone`: in arithmetic its number stands alone. `percent`: a part of one,
    said in hundredths. `power`: the power of ten in which a target is typed.
    """

    prefixes: dict
    suffix: str
    per: str = ""
    asked: str = "high"
    count: str = ""
    alone: bool = False
    percent: bool = False
    power: int = 0

    @property
    def plural(self):
        """Whether what follows the number is a noun in the plural: " tokens"."""
        return self.asked == "many" and self.suffix.endswith("s")

    def as_json(self):
        """What the page's script needs to read and write numbers in it."""
        return {
            "prefixes": [*map(list, self.prefixes.items())], "suffix": self.suffix, "per": self.per,
            "percent": self.percent, "plural": self.plural, "alone": self.alone, "counts": bool(self.count),
        }

    @property
    def typed(self):
        """[power of ten, unit] in which a target is typed."""
        return [self.power, (self.prefixes.get(self.power, "") + self.suffix).strip()]


UNITS = {
    "1": Unit(WORDS, "", "", "many", "real"),
    "element": Unit(WORDS, " elements", "", "many", "real"),
    "element/token": Unit(WORDS, " elements", " per token", "many"),
    "element/sequence": Unit(WORDS, " elements", " per conversation", "many"),
    "byte": Unit(LARGE, "B", "", "much", power=9),
    "byte/token": Unit(LARGE, "B", " per token", "much"),
    "byte/sequence": Unit(LARGE, "B", " per conversation", "much", power=9),
    "byte/second": Unit(LARGE, "B/s", power=12),
    "bit": Unit(PLAIN, " bit", "", "many"),
    "FLOP": Unit(LARGE, "FLOP", "", "many"),
    "FLOP/token": Unit(LARGE, "FLOP", " per token", "many"),
    "FLOP/token/token": Unit(LARGE, "FLOP", " per token and cached token", "many"),
    "FLOP/second": Unit(LARGE, "FLOP/s", power=12),
    "FLOP/byte": Unit(PLAIN, " FLOP/B"),
    "FLOP/element": Unit(PLAIN, " FLOP per element"),
    "second": Unit(SMALL, "s", "", "long", power=-3),
    "hour": Unit(PLAIN, " h", "", "long"),
    "hour/month": Unit(PLAIN, " h", " a month"),
    "token": Unit(PLAIN, " tokens", "", "many", "whole"),
    "token/sequence": Unit(PLAIN, " tokens", "", "many", "whole"),
    "token/second": Unit(PLAIN, " tokens/s"),
    "token/second/sequence": Unit(PLAIN, " tokens/s"),
    "sequence": Unit(PLAIN, " conversations", "", "many", "whole", alone=True),
    "user": Unit(PLAIN, " users", "", "many", "whole", alone=True),
    "token/request": Unit(PLAIN, " tokens", "", "many", "whole"),
    "second/request": Unit(SMALL, "s", "", "long", power=-3),
    "request/second": Unit(PLAIN, " requests/s"),
    "request/user/hour": Unit(PLAIN, " an hour"),
    "percent": Unit(PLAIN, " %", percent=True),
    "sequence/user": Unit(PLAIN, " %", percent=True),
    "watt": Unit({0: "", 3: "k", 6: "M"}, "W"),
    "dollar": Unit(PLAIN, "$"),
    "dollar/hour": Unit(PLAIN, "$", " an hour"),
    "dollar/user": Unit(PLAIN, "$", " a user"),
    "dollar/user/hour": Unit(PLAIN, "$", " a user-hour"),
    "dollar/user/month": Unit(PLAIN, "$", " a user-month"),
    "dollar/million_tokens": Unit(PLAIN, "$", " a million tokens"),
    "dollar/request": Unit(PLAIN, "$", " a request"),
    "dollar/kilowatt_hour": Unit(PLAIN, "$", " a kWh"),
}

#: What a part of a unit's name is in words where that is not the name itself (and its plural with an s), and made of where it is not basic.
SINGULAR = {"sequence": "conversation", "million_tokens": "million tokens", "kilowatt_hour": "kilowatt-hour"}
PLURAL = {"FLOP": "FLOP", "1": "a number", "percent": "a part of 1"}
IN_WORDS = {"FLOP/token/token": "FLOP per token and cached token"}
MADE_OF = {"1": {}, "percent": {}, "kilowatt_hour": {"kilowatt": 1, "hour": 1}}


def unit_named(name, whose=None):
    """The unit of this name. Raises NapkinError with the nearest name where the table has none; `whose` says what has it."""
    if name not in UNITS:
        said = f"there is no unit {name!r}" if whose is None else f"{whose} has the unit {name!r}, which is no row of UNITS in napkin/language/units.py"
        raise NapkinError(said + nearest(name, UNITS))
    return UNITS[name]


def in_words(name):
    """A unit in words: "byte/sequence" is "bytes per conversation"."""
    first, *per = name.split("/")
    many = PLURAL.get(first) or SINGULAR.get(first, first) + "s"
    return IN_WORDS.get(name) or " per ".join([many, *(SINGULAR.get(one, one) for one in per)])


@functools.cache
def dimension(name):
    """What a unit is made of: {basic unit: power}. "byte/token" is {"byte": 1, "token": -1}."""
    first, *per = name.split("/")
    found = {}
    for one, sign in ((first, 1), *((one, -1) for one in per)):
        for basic, power in MADE_OF.get(one, {one: 1}).items():
            found = combined(found, {basic: power}, sign)
    return found


def combined(one, other, sign=1):
    """The dimension of a product, or (`sign=-1`) of a quotient."""
    powers = {basic: one.get(basic, 0) + sign * other.get(basic, 0) for basic in {**one, **other}}
    return {basic: power for basic, power in powers.items() if power}


def spelled(powers):
    """A dimension as one writes it: "byte/token"; "1" where there is none."""
    above = [basic if power == 1 else f"{basic}^{power:g}" for basic, power in powers.items() if power > 0]
    below = [basic if power == -1 else f"{basic}^{-power:g}" for basic, power in powers.items() if power < 0]
    return "/".join(["·".join(above) or "1", *below])
