"""The one error of the package, and the helpful end of its sentences."""

import difflib


class NapkinError(ValueError):
    """Bad input, told in one sentence: what was given and what is allowed."""


def nearest(name, known):
    """The helpful end of 'there is no …': the nearest known name, if one is near."""
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""
