"""What the fields of an entry may hold: text, whole numbers and numbers above 0, as their types say; None where that may be."""

import dataclasses
import math
import numbers
import types

from ..language.errors import NapkinError
from .fields import short


def check(entry, least_0=()):
    """Hold the fields of a frozen dataclass to their types, and make plain Python numbers of NumPy's.

    A field whose default is 0, or that is named in `least_0`, may be 0. Raises NapkinError in one sentence.
    """
    for field in dataclasses.fields(entry):
        value = getattr(entry, field.name)
        kinds = field.type.__args__ if isinstance(field.type, types.UnionType) else (field.type,)
        if value is None and type(None) in kinds:
            continue
        if str in kinds:
            if not isinstance(value, str) or not value and field.default is dataclasses.MISSING:
                needs = "text" if field.default is not dataclasses.MISSING else "text that is not empty"
                raise NapkinError(f"{field.name} must be {needs}, got {short(value)}")
        elif int in kinds or float in kinds:
            zero = field.default == 0 or field.name in least_0
            object.__setattr__(entry, field.name, number(field.name, value, zero, int in kinds, type(None) in kinds))


def number(name, value, zero=False, whole=False, unknown=False):
    """The value as an int or a float; NapkinError where it is no finite number above 0, or from 0 on where `zero` says so."""
    if type(value) in (int, float) or isinstance(value, numbers.Real) and not isinstance(value, bool):  # the first is quick
        try:
            plain = int(value) if isinstance(value, numbers.Integral) or whole and value == math.floor(value) else float(value)
            if 0 <= float(plain) < math.inf and (plain or zero) and (isinstance(plain, int) or not whole):
                return plain
        except (OverflowError, ValueError):  # beyond every float, or no number
            pass
    kind = "a whole number" if whole else "a finite number"
    limit = "from 0 on" if zero else "above 0"
    raise NapkinError(f"{name} must be {kind} {limit}{', or None where it is not known' if unknown else ''}, got {short(value)}")
