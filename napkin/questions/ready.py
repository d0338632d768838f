"""Ready scenarios: how three kinds of users behave, to start from. Model, GPU and prices stay the reader's own."""

import html

from ..language.inputs import INPUTS
from ..language.numbers import show
from ..language.sentences import say
from .scenario import Scenario

#: name: (what one sets, why). Means of Microsoft Azure's hour of conversations, 2023, and medians of SemiAnalysis' traces of a
#: coding agent, 2026; see references.bib.
READY = {
    "support chat": (
        {"context": 1_300, "duty_cycle": 0.2},
        "prompts of 1,155 tokens and answers of 211, half of which is there on average; the duty cycle is our guess",
    ),
    "coding agent": (
        {"context": 105_000, "duty_cycle": 0.16, "prefix_hit": 0.97},
        "one vendor’s agent, in sessions of 45 requests; pauses above five minutes do not count, else it would be 5 %",
    ),
    "documents of 100k": ({"context": 100_000, "duty_cycle": 0.2}, "both chosen: a short book each, and readers who think"),
}


def ready() -> say:
    """The ready scenarios as links of the page, with what each sets and why."""
    lines = []
    for name, (given, why) in READY.items():
        numbers = ", ".join(f"{INPUTS[one].label} {show(value, INPUTS[one].unit, 6)}" for one, value in given.items())
        link = html.escape(Scenario(count="article", given=given).link)
        lines.append(f'- <a class="napkin-ready" href="#{link}">{name}</a>: {numbers}; {why}.')
    return say("\n".join(lines))
