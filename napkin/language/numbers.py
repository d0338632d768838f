"""Numbers as people read them: one set of rules, kept in step with page/web/numbers.js.

The tests hold both halves against the same table.
"""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from .errors import NapkinError
from .units import PLAIN, UNITS, unit_named

GIB = 2**30
EXACTLY = Context(prec=700, rounding=ROUND_HALF_UP)  # room for every digit of any float


def show(value, unit, digits=3, counted=False):
    """Format a number in base units: `show(131072, "byte/token")` is "131 kB".

    `digits` is the number of significant digits; whole numbers and everything without a prefix keep all the digits
    before the point. `counted` adds what it is counted by ("131 kB per token"). Halves round away from zero. With six digits
    or more a memory of whole GiB is said in them; a part below a millionth of a per cent is none.
    """
    known = unit_named(unit)
    if not isinstance(digits, int) or not 0 < digits <= 17:
        raise NapkinError(f"the significant digits must be a whole number from 1 to 17, got {digits!r}")
    prefixes, suffix = known.prefixes, known.suffix
    scaled = value * 100 if known.percent else value
    sign = "−" if scaled < 0 else ""
    size = 0 if known.percent and abs(scaled) < 1e-6 else abs(scaled)
    if unit == "byte" and digits >= 6 and size and size % GIB == 0 and size % 1e6:
        return f"{sign}{size / GIB:,.0f} GiB"
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
        one = number == "1" and known.plural
        text = f"{sign}{number}{joint}{prefixes[powers[chosen]]}{suffix[:-1] if one else suffix}"
    return text + (known.per if counted else "")


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
    prefixes, suffix, per, *_ = UNITS[unit]
    if value == math.floor(value) and abs(value) < 1e7 and prefixes is not PLAIN:
        joint = " " if suffix and not suffix.startswith(" ") else ""
        return f"{value:,.0f}".replace("-", "−") + joint + suffix + per
    return show(value, unit, digits=5, counted=True)
