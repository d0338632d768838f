"""Guess first: a card that asks for a number before the page tells it, and says how far off the guess was."""

import html
import json
import math
import re

import numpy
import traitlets

from ..language.errors import NapkinError
from ..language.graph import formula_named
from ..language.sentences import fill
from ..language.units import ASKED, UNITS, unit_named
from .scripts import widget_script
from .shared import Card, styles

__all__ = ["Guess"]

STILL = "Guess before you read on."


class Guess(Card):
    """A question whose answer is a number: the reader guesses on a logarithmic scale, then sees how many times off.

    `answer` is a formula (or its name), evaluated at `at` and the defaults, or a number with `unit=`, a key of
    napkin.language.units.UNITS. `low` and `high` bound the scale in base units, several decades around the answer, so that it
    gives nothing away. `name` keeps the guess in the reader's record; a formula's name is taken if it is left out. Being
    off is said with "too `more`" and "too `less`", which follow from the unit if left out. `unit` may say another count
    than the formula's: users for conversations. `why` is told with the answer: a sentence whose {fields} are computed at `at`,
    as `napkin.say` has them. In the built book the results of that formula beside the question are covered until the reader
    has guessed, or skipped it.

    `guess` is what was guessed last, in base units, None before; `factor` is how many times off that is. Raises
    NapkinError for a formula without an answer, and for an answer that is not on the scale.
    """

    guess = traitlets.Float(None, allow_none=True).tag(sync=True)
    _spec = traitlets.Dict().tag(sync=True)

    def __init__(self, question, answer, *, low, high, name=None, unit=None, at=None, more=None, less=None, why=""):
        if not isinstance(question, str) or not question.strip():
            raise NapkinError(f"a guess needs a question, got {question!r}")
        self.answer, unit, digits, called = _answered(answer, unit, at)
        name = name or called
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9-]{1,80}", name):
            raise NapkinError(f"a guess needs a name of small letters, digits and hyphens, got {name!r}")
        for what, bound in (("low", low), ("high", high)):
            if not _is_positive(bound):
                raise NapkinError(f"{what} must be a finite number above 0, got {bound!r}")
        if not low < self.answer < high:
            raise NapkinError(f"the answer must lie between low and high, got {low:g} < {self.answer:g} < {high:g}")
        known = UNITS[unit]
        words, every = ASKED[known.asked], known.as_json()
        self._esm = widget_script("guess", "widget")
        self._css = styles("playground", "guess")
        asks = {"id": f"guess-{name}", "name": name, "question": question.strip()}
        scale = {"answer": self.answer, "digits": digits, "low": float(low), "high": float(high), "whole": known.count == "whole"}
        bare = {**every, "suffix": ""} if known.plural else every  # a count needs its unit only alone: "You said 60. It is 281."
        says = {"more": more or words[0], "less": less or words[1], "units": every, "bare": bare, "why": fill(why, at or {})}
        says["covers"] = getattr(answer, "name", answer if isinstance(answer, str) else "")
        super().__init__(_spec={**asks, **scale, **says, "shown": _shown(known, low, high)})

    @traitlets.validate("guess")
    def _checked(self, proposal):
        given = proposal["value"]
        if given is not None and not _is_positive(given):
            raise NapkinError(f"a guess must be a finite number above 0, got {given!r}")
        return given

    @property
    def factor(self):
        """How many times too large or too small the guess is: 1 or more; None before a guess."""
        return None if self.guess is None else max(self.guess / self.answer, self.answer / self.guess)

    def __repr__(self):
        return f"<Guess {self._spec['name']}: {self._spec['question']}>"

    def _faces(self):
        question = self._spec["question"]
        told = f"> **Guess first.** {question}".replace("$", r"\$")
        return {"text/plain": f"Guess first: {question}", "text/markdown": told, "text/html": self._page()}

    def _page(self):
        """The card as HTML: the question, and as data what the script needs to bring it to life."""
        spec = self._spec
        question = html.escape(spec["question"])
        # No "<" may stand in a script that is written into a page.
        queued = json.dumps([spec["id"], spec], ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
        return (
            f'<section class="napkin-guess" id="{spec["id"]}" aria-label="Guess first: {question}">'
            f'<p class="napkin-guess-kicker">Guess first</p><p class="napkin-guess-question">{question}</p>'
            f'<p class="napkin-guess-still">{STILL}</p></section>'
            f"<script>(window.napkinGuesses = window.napkinGuesses || []).push({queued});</script>"
        )


def _is_positive(number):
    real = isinstance(number, (int, float, numpy.number)) and not isinstance(number, (bool, complex))
    return real and math.isfinite(number) and number > 0


def _answered(answer, unit, at):
    """The answer as (number, unit, significant digits, a name for it or None), from a formula or a plain number."""
    if unit is not None:
        unit_named(unit)
    if _is_positive(answer):
        if at is not None:
            raise NapkinError("`at` is for a formula; a plain number has no inputs")
        if unit is None:
            raise NapkinError(f"a plain number needs unit=, one of {', '.join(UNITS)}")
        return answer.item() if isinstance(answer, numpy.number) else answer, unit, 3, None
    if not isinstance(getattr(answer, "name", answer), str):
        raise NapkinError(f"the answer is a formula, its name, or a finite number above 0, got {answer!r}")
    known = formula_named(answer)
    if unit not in (None, known.unit) and not (UNITS[unit].count and UNITS[known.unit].count):
        raise NapkinError(f"{known.name} is in {known.unit}, which cannot be said in {unit}")
    number = known(**(at or {}))
    if not _is_positive(number):
        raise NapkinError(f"{known.name} must be one number above 0 to be guessed, got {number!r}")
    return number, unit or known.unit, known.digits, known.name.replace("_", "-")


def _shown(unit, low, high):
    """[power of ten, unit] in which the field is typed: the prefix that suits the middle of the scale."""
    if unit.percent:
        return [-2, unit.suffix.strip()]
    middle = math.sqrt(low) * math.sqrt(high)
    power = max((power for power in unit.prefixes if middle >= 10.0**power), default=min(unit.prefixes))
    return [power, (unit.prefixes[power] + unit.suffix).strip()]
