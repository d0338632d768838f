"""Numbers as people read them: one set of rules, kept in step with `formatted` in web/playground.js.

The tests hold both halves against the same table.
"""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

DECIMAL = {-9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
LARGE = {k: DECIMAL[k] for k in (0, 3, 6, 9, 12, 15, 18)}
SMALL = {k: DECIMAL[k] for k in (-9, -6, -3, 0)}
WORDS = {0: "", 6: " million", 9: " billion", 12: " trillion", 15: " quadrillion", 18: " quintillion"}
PLAIN = {0: ""}

#: unit → (prefixes by power of ten, what follows the number, what it is counted by)
UNITS = {
    "1": (WORDS, "", ""),
    "element": (WORDS, " elements", ""),
    "element/token": (WORDS, " elements", " per token"),
    "element/sequence": (WORDS, " elements", " per conversation"),
    "byte": (LARGE, "B", ""),
    "byte/token": (LARGE, "B", " per token"),
    "byte/sequence": (LARGE, "B", " per conversation"),
    "byte/second": (LARGE, "B/s", ""),
    "bit": (PLAIN, " bit", ""),
    "FLOP": (LARGE, "FLOP", ""),
    "FLOP/token": (LARGE, "FLOP", " per token"),
    "FLOP/token/token": (LARGE, "FLOP", " per token and cached token"),
    "FLOP/second": (LARGE, "FLOP/s", ""),
    "FLOP/byte": (PLAIN, " FLOP/B", ""),
    "FLOP/element": (PLAIN, " FLOP per element", ""),
    "second": (SMALL, "s", ""),
    "hour": (PLAIN, " h", ""),
    "hour/month": (PLAIN, " h", " a month"),
    "token": (PLAIN, " tokens", ""),
    "token/sequence": (PLAIN, " tokens", ""),
    "token/second": (PLAIN, " tokens/s", ""),
    "token/second/sequence": (PLAIN, " tokens/s", ""),
    "sequence": (PLAIN, " conversations", ""),
    "user": (PLAIN, " users", ""),
    "percent": (PLAIN, " %", ""),
    "sequence/user": (PLAIN, " %", ""),
    "watt": ({0: "", 3: "k", 6: "M"}, "W", ""),
    "dollar": (PLAIN, "$", ""),
    "dollar/hour": (PLAIN, "$", " an hour"),
    "dollar/user": (PLAIN, "$", " a user"),
    "dollar/user/hour": (PLAIN, "$", " a user-hour"),
    "dollar/user/month": (PLAIN, "$", " a user-month"),
    "dollar/million_tokens": (PLAIN, "$", " a million tokens"),
    "dollar/kilowatt_hour": (PLAIN, "$", " a kWh"),
}
PLURALS = (" tokens", " elements", " conversations", " users")
EXACTLY = Context(prec=700, rounding=ROUND_HALF_UP)  # room for every digit of any float
PERCENTS = ("percent", "sequence/user")


def show(value, unit, digits=3, counted=False):
    """Format a number in base units: `show(131072, "byte/token")` is "131 kB".

    `digits` is the number of significant digits; whole numbers and everything without a prefix keep all the digits
    before the point. `counted` adds what it is counted by ("131 kB per token"). Halves round away from zero.
    """
    prefixes, suffix, per = UNITS[unit]
    scaled = value * 100 if unit in PERCENTS else value
    sign = "−" if scaled < 0 else ""
    size = abs(scaled)
    if suffix == "$":
        text = sign + "$" + _dollars(size, digits)
    else:
        powers = list(prefixes)
        chosen = max((i for i, power in enumerate(powers) if size >= float(f"1e{power}")), default=0)
        if size == 0:
            chosen = powers.index(0)
        number = _rounded(size, powers[chosen], digits)
        if chosen + 1 < len(powers) and float(number.replace(",", "")) >= float(f"1e{powers[chosen + 1] - powers[chosen]}"):
            chosen += 1
            number = _rounded(size, powers[chosen], digits)
        joint = " " if suffix and not suffix.startswith(" ") else ""
        one = number == "1" and suffix in PLURALS
        text = f"{sign}{number}{joint}{prefixes[powers[chosen]]}{suffix[:-1] if one else suffix}"
    return text + (per if counted else "")


def _rounded(size, power, digits):
    """`size` in units of ten to the `power`, with `digits` significant digits, thousands separated, no idle zeros."""
    size = size / float(f"1e{power}") if power >= 0 else size * float(f"1e{-power}")
    whole_digits = len(str(math.floor(size))) if size >= 1 else 0
    decimals = max(0, digits - whole_digits)
    if 0 < size < 1:
        probe = size
        while probe < 0.1 and decimals < 20:
            probe *= 10
            decimals += 1
    return _fixed(size, decimals, trim=True)


def _fixed(size, decimals, trim):
    exact = Decimal(size).quantize(Decimal(1).scaleb(-decimals), context=EXACTLY)
    text = f"{exact:,f}"
    return text.rstrip("0").rstrip(".") if trim and "." in text else text


def _dollars(size, digits):
    """Dollars: whole from a thousand, cents from ten cents, `digits` significant digits below."""
    if size >= 999.5:
        return _fixed(size, 0, trim=False)
    if size >= 0.0995 or size == 0:
        return _fixed(size, 2, trim=False)
    return _rounded(size, 0, digits)


def show_exactly(value, unit):
    """The same, for arithmetic that a reader follows: whole numbers in full below ten million, five digits above."""
    if value == math.floor(value) and abs(value) < 1e7 and UNITS[unit][0] is not PLAIN:
        suffix, per = UNITS[unit][1:]
        joint = " " if suffix and not suffix.startswith(" ") else ""
        return f"{value:,.0f}".replace("-", "−") + joint + suffix + per
    return show(value, unit, digits=5, counted=True)
