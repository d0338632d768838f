"""What Python and the page's JavaScript both do: every such pair, and all of them compared on random inputs.

A pair is a row of TWINS: its name, the modules of the page that it needs, the JavaScript that answers for all inputs at once,
how inputs are made at random, and what Python says to one of them. What has no twin is listed too, with the reason.
"""

import math
import re
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy
import pytest

import napkin
from napkin import FORMULAS, INPUTS, NapkinError, limits, sensitivity, show, solve_for
from napkin.__main__ import number
from napkin.language.graph import BOOK
from napkin.language.inputs import TOGETHER, Input, apart, check_together
from napkin.language.numbers import show_exactly
from napkin.language.sentences import as_json, names_of, term_of, worth, written
from napkin.language.units import UNITS
from napkin.notation import FORMATS
from napkin.page import chart
from napkin.page.knowledge import CHAT
from napkin.page.needs import OPEN_INPUTS, Needs
from napkin.page.page import rests_of, stops_of, units_of
from napkin.page.scripts import EXPORT, WEB
from napkin.questions.scenario import Scenario, rate_for
from napkin.questions.sensitivities import half_and_double
from napkin.questions.written import implied
from napkin.several_gpus import LAYOUT, PARTS
from tests import node
from tests.numbers_as_read import TABLE
from tests.oracle import a_scenario, given_to_estimate, random_scenario, random_value

MANY = 200
COMPUTED = [*FORMULAS, *(name for name, known in INPUTS.items() if known.computed and name != "attention_peak_flops")]
RESULTS = [
    "cost_per_user_month",
    "users",
    "sequences_that_fit",
    "tokens_per_second",
    "tokens_per_second_per_user",
    "cost_per_million_output_tokens",
]


class Twins(NamedTuple):
    """A pair: the `exports` of these `modules` that it compares, `code` that answers for `all` inputs, who makes them, and `python` for one."""

    exports: tuple
    modules: str
    code: str
    given: Callable
    python: Callable


# ---- scenarios -----------------------------------------------------------------------------------


def of(one):
    """The same as a Scenario."""
    return Scenario.of(**given_to_estimate(one))


def some_scenarios(chance):
    return [a_scenario(chance) for _ in range(MANY)]


def scenarios_without_answers(chance):
    """Scenarios of which many do not fit, or lack a published fact: every model, every GPU, layouts, switches, batches."""
    apart_ = (
        "n_heads",
        "n_kv_heads",
        "n_experts",
        "experts_per_token",
        "active_parameters",
        "expert_parameters",
        "parameters",
        "as_the_article",
        "shared_prefix",
        *LAYOUT,
    )
    found = []
    for model in ("", *napkin.model.choices):
        for gpu in chance.sample(napkin.gpu.choices, 2) + [
            chance.choice(["A100 80GB SXM", "GH200 (144GB HBM3e)", "TPU 8i", "Apple M4 Max"])
        ]:
            one = a_scenario(chance)
            one["given"] = {name: value for name, value in one["given"].items() if chance.random() < 0.3 and name not in apart_}
            more = [
                name
                for name in (*BOOK.switches, "batch", "context", "weight_bits", "kv_bits", "prompt")
                if chance.random() < 0.15 and name not in apart_
            ]
            one["given"].update(random_scenario(more, chance), **{name: chance.choice([2, 4]) for name in LAYOUT if chance.random() < 0.2})
            found.append({**one, "model": model, "gpu": gpu})
    return found


def parts(chance):
    """Scenarios, and a few names each that are to be computed without all others."""
    return [{**one, "names": chance.sample(list(COMPUTED), 3)} for one in scenarios_without_answers(chance)]


def computed(one):
    """The same from the formulas, none where there is no value."""
    return [None if answer.why else answer.value for answer in of(one).case.answers(one["names"]).values()]


def answers(case, names=COMPUTED):
    """Each value, or the one reason why there is none."""
    return [answer.why or answer.value for answer in case.answers(names).values()]


def page_scenarios(chance):
    """Where playgrounds of the book start, and what they take: each with a scenario and a change that it is asked for."""
    starts = [
        (["context", "weight_bits", "peak_flops"], ("users", "tokens_per_second"), CHAT),
        (
            ["experts_per_token", "batch"],
            ("touched_expert_bytes", "step_seconds"),
            {"n_experts": 128, "experts_per_token": 4, "expert_parameters": 110e9, "parameters": 117e9, "batch": 8, "count_weights": 1},
        ),
        (["tile", "weight_bits"], ("matmul_flops", "matmul_loads_tiled"), {"weight_bits": 16}),
        (["n_kv_heads", "n_heads"], ("kv_bytes_per_token", "users"), {"n_heads": 48, "n_kv_heads": 12, "count_formats": 1}),
    ]
    needs = [Needs([INPUTS[name] for name in controls], names, (), None, at) for controls, names, at in starts]
    for _ in range(MANY):
        one = chance.choice(needs)
        name = chance.choice([*one.start, *(other for other in one.takes if other not in ("as_the_article",))])
        yield {"start": one.start, "takes": one.takes, "change": {name: random_value(name, chance)}, **a_scenario(chance)}


def changes(chance):
    """A page, a scenario, and what a reader does there: moves an input, takes it back, picks a model or a GPU."""
    for one in page_scenarios(chance):
        if chance.random() < 0.2:
            one["change"] = {chance.choice([*one["given"], "context"]): None}
        elif chance.random() < 0.2:
            which = chance.choice(["model", "gpu"])
            one["change"] = {which: chance.choice([*getattr(napkin, which).choices, ""])}
        if chance.random() < 0.5:
            one["given"]["peak_flops"] = random_value("peak_flops", chance)
        yield one


def bare(one):
    """What the reader has set, without the book's own conversations."""
    named = {name: one[name] or None for name in ("model", "gpu")}
    return Scenario.of(**named, count=implied(**named), **one["given"])


def changed(one):
    after = bare(one).over(one["start"], one["takes"]).with_(**one["change"])
    return [after.model.name if after.model else "", after.gpu.name if after.gpu else "", dict(after.given)]


def in_force(one):
    case = bare(one).over(one["start"], one["takes"])
    return [{**case.inputs, **dict.fromkeys(case.unknown)}, dict(case.unknown)]


# ---- links ---------------------------------------------------------------------------------------


def links(chance):
    """What is written, and what somebody makes of it."""
    for one in some_scenarios(chance):
        link = of(one).link
        yield link
        more = (
            "nonsense=1",
            "context=99",
            "context=1e9",
            "n_kv_heads=7",
            "experts_per_token=8",
            "weight_bits=5",
            "count=weights",
            "count_formats=1",
            "count_formats=2",
            "peak_flops=2.5e12",
            "gpu=b200",
            "context=2e4",
            "context=5000.5",
            "model=qwen3_32b",
            "as_the_article=1",
            "users=5",
        )
        yield chance.choice(
            [f"{link}&{chance.choice(more)}", link.upper(), link.replace("=", "=-", 1), link[: chance.randrange(len(link))]]
        )


def read(link):
    """The scenario of a link as Python and as a command; nothing where a part of it is not understood."""
    try:
        made = Scenario.from_link(link)
    except NapkinError:
        return None
    return [made.python, made.command]


def laid_out(one):
    """Which GPUs share what; nothing where a page holds no such number of them."""
    model, gpus = one
    shared = [Scenario.from_link(f"model={model}&n_gpus={gpus}").case.inputs.get(name, 1) for name in LAYOUT]
    return shared if all(INPUTS[name].low <= value <= INPUTS[name].high for name, value in zip(LAYOUT, shared)) else None


def halved(one):
    """Half and double of some inputs."""
    case = of(one).case
    names = ("context", "n_layers", "memory", "duty_cycle", "gpu_hour_price", "parameters")
    return [[None if value != value else value for value in half_and_double(name, one["result"], case)] for name in names]


# ---- numbers and sentences -----------------------------------------------------------------------


def a_number(chance):
    return chance.choice(
        [
            0,
            1,
            chance.uniform(-1e3, 1e3),
            chance.choice([1, -1]) * 10 ** chance.uniform(-12, 24),
            chance.randrange(10**7 + 5),
            round(10 ** chance.uniform(-3, 15), 2),
            chance.randrange(1, 2000) / 8,
        ]
    )


def numbers(chance):
    return [[value, unit, digits] for value, unit, digits, _ in TABLE] + [
        [a_number(chance), unit, chance.randrange(1, 8)] for unit in UNITS for _ in range(30)
    ]


def ticks(chance):
    """Round numbers as they stand on axes, each unit's."""
    return [(m * 10.0**e, unit, chart.is_short(unit)) for unit in UNITS for m in (1, 2, 5) for e in chance.sample(range(-3, 16), 6)]


def numbers_in_style(chance):
    return [[*one, chance.choice(["show", "exact", "bare", "bytes"])] for one in numbers(chance)]


def typed(chance):
    """Numbers as people type them, and what is none."""
    for _ in range(MANY * 3):
        value = round(10 ** chance.uniform(-4, 13), chance.randrange(6))
        text = chance.choice([repr(value), f"{value:,.3f}", f"{value:e}", f"{value:_.0f}", f"{value:.0f}", f"{value:.10g}"])
        yield chance.choice(["", "", "-", "+"]) + text + chance.choice(["", "", "k", "M", "G", "T", "P"])
        yield "".join(chance.choice("0123456789,.ekM_-") for _ in range(chance.randrange(1, 7))).strip()


def number_or_none(text):
    try:
        return number(text) if math.isfinite(number(text)) else None
    except ValueError:
        return None


def shown_values(chance):
    """A value of a unit, said with all its digits by `show`, is taken back from what is typed."""
    for unit in UNITS:
        for _ in range(20):
            value = round(chance.random(), 4) if UNITS[unit].percent else round(float(f"{10 ** chance.uniform(-1, 14):.4g}"), 2)
            yield [value, unit, show(value, unit, 17)]


def expressions(chance):
    """Expressions of names and numbers, some pinned, in scenarios of which some have no answer."""

    def one(depth):
        if depth == 0 or chance.random() < 0.2:
            return chance.choice(
                [
                    repr(round(chance.uniform(0.1, 50), 3)),
                    chance.choice(COMPUTED),
                    chance.choice(list(CHAT)),
                    "memory",
                    "bandwidth",
                    f"{chance.choice(RESULTS)}(context={chance.choice([4000, 200_000])})",
                    f"in_bytes({chance.choice(RESULTS)})",
                ]
            )
        return f"({one(depth - 1)} {chance.choice('+-*/')} {one(depth - 1)})"

    for _ in range(MANY):
        text = f"{one(3)} ** {chance.choice([1, 2, 0.5])}"
        yield {**a_scenario(chance), "text": text, "node": as_json(term_of(text))}


def expression_worth(one):
    """Its value, nothing where it has none."""
    case, term = of(one).case, term_of(one["text"])
    value = math.nan if any(map(case.unknown_of, names_of(term))) else worth(term, case.inputs)
    return value if math.isfinite(value) else None


FAMILIES = [limits.STEP, limits.ROOM, limits.PROMPT, limits.OWNING, limits.PRICE, limits.PRODUCT, limits.PROJECTION]


def what_binds(one):
    case = of(one).case
    return [limits.told([family], case.inputs, case.unknown_of) for family in FAMILIES]


# ---- questions put backwards ---------------------------------------------------------------------


def targets(chance):
    """A result wanted, an input to be freed, near what they are now and far from it."""
    named = [
        {},
        {"model": "Qwen3-32B"},
        {"gpu": "H200 SXM"},
        {"model": "gpt-oss-120b", "gpu": "B200 SXM"},
        {"model": "Llama-3.1-8B", "gpu": "H100 SXM"},
    ]
    sets = [
        {},
        {"context": 5_000},
        {"context": 800_000},
        {"kv_bits": 16, "gpu_hour_price": 2.5},
        {"tensor_parallel": 4, "memory_utilisation": 0.9},
    ]
    for _ in range(MANY):
        one = {
            "model": "",
            "gpu": "",
            **chance.choice(named),
            "given": chance.choice(sets),
            "result": chance.choice(RESULTS),
            "free": chance.choice(["gpu_hour_price", "context", "duty_cycle", "memory", "bandwidth", "parameters", "n_kv_heads"]),
        }
        now = of(one).case.answer(one["result"]).value
        if now:
            target = now * chance.choice([0.5, 0.8, 0.97, 1, 1.03, 1.5, 3, 1000])
            yield {**one, "target": max(1, round(target)) if FORMULAS[one["result"]].whole else target}


def solved(one):
    """The value, or nothing where it is refused; of several, the page keeps what is in force."""
    given = {name: value for name, value in given_to_estimate(one).items() if name != one["free"]}
    try:
        return float(solve_for(one["free"], **given, **{one["result"]: one["target"]}))
    except NapkinError as error:
        now = given_to_estimate(one).get(one["free"], math.nan)
        return next((now for low, high in getattr(error, "met", ()) if low <= now <= high), None)


def rankings(chance):
    return [{**one, "result": chance.choice(RESULTS)} for one in some_scenarios(chance)]


def ranked(one):
    try:
        found = sensitivity(one["result"], **given_to_estimate(one))
    except NapkinError:
        return None
    return dict(sorted(found.items()))


# ---- charts and sliders --------------------------------------------------------------------------

WIDTH, HEIGHT = 300, 180


def charts(chance):
    """Curves, marks and their names in a box, heights counted downward; some curves are in sight at an edge only."""
    for _ in range(MANY):
        lines = {}
        for name in ("one", "two", "three")[: chance.randrange(1, 4)]:
            steep, start = chance.uniform(-3, 3), chance.uniform(-100, 300)
            xs = numpy.linspace(0, WIDTH, 161)
            bend = chance.choice([0, 200 * (xs / WIDTH) ** 40, 80 * numpy.sin(xs / 40)])
            ys = start + steep * xs + bend if chance.random() < 0.8 else numpy.where(xs < WIDTH - 2, 500.0, 50.0)
            lines[name] = [[float(x), float(y)] for x, y in zip(xs, ys)]
        yield {
            "lines": lines,
            "box": [0, 0, WIDTH, HEIGHT],
            "letter": chart.LETTER_WIDTH,
            "labels": [[name, "x" * chance.randrange(1, 25)] for name in lines],
            "marks": [
                [chance.choice(["you", "", "the ridge"]), chance.uniform(0, WIDTH), chance.uniform(0, HEIGHT)]
                for _ in range(chance.randrange(3))
            ],
        }


def placed(one):
    """The same with heights counted upward, and what Python tells of right ends as left ends."""
    lines = {name: numpy.array(line) * [1, -1] + [0, HEIGHT] for name, line in one["lines"].items()}
    labels = dict(one["labels"])
    on_curves, beside = chart.places(lines, labels, [(words, x, HEIGHT - y) for words, x, y in one["marks"]], WIDTH, HEIGHT)
    wide = {words: len(words) * chart.LETTER_WIDTH for words in (*labels.values(), *(words for words, _, _ in one["marks"]))}
    return [
        {name: at and [at[0] - wide[labels[name]], HEIGHT - at[1]] for name, at in on_curves.items()},
        [words and [at[0] - (at[2] == "right") * wide[words], HEIGHT - at[1]] or None for (words, _, _), at in zip(one["marks"], beside)],
    ]


def scales(chance):
    """What sliders of all kinds are told: those of the book, and made ones."""
    yield from (rests_of(one) for one in INPUTS.values() if not one.choices)
    for _ in range(MANY):
        low = float(f"{10 ** chance.uniform(-8, 6):.3g}")
        high = float(f"{low * 10 ** chance.uniform(1, 6):.3g}")
        about = {"low": low, "high": high, "scale": chance.choice(("log", "linear")), "whole": chance.random() < 0.3}
        yield {**about, "inner": None, "first": None if about["whole"] else chance.choice((low, high, (low + high) / 2))}


def resting(one):
    """The same from an input of the notation."""
    first = one["low"] if one["first"] is None else one["first"]
    more = {"scale": one["scale"], "stops": one["inner"], "whole": one["whole"], "least": min(one["low"], 0) if one["low"] <= 0 else None}
    return stops_of(
        Input("x", "x", "1", "", first, one["low"], one["high"], **{name: value for name, value in more.items() if value is not None})
    )


def pairs(chance):
    for _ in range(MANY):
        name, other, _ = chance.choice(TOGETHER)
        yield {one: random_value(one, chance) for one in (name, other)}


def together(inputs):
    try:
        check_together(inputs)
    except NapkinError as error:
        return str(error)
    return ""


#: name: (exports, modules, code, inputs, Python)
TWINS = {
    "show": Twins(
        ("formatted",),
        "numbers",
        "all.map(([value, unit, digits]) => formatted(value, units[unit], digits))",
        numbers,
        lambda one: show(*one),
    ),
    "show_exactly": Twins(
        ("exactly",), "numbers", "all.map(([value, unit]) => exactly(value, units[unit]))", numbers, lambda one: show_exactly(*one[:2])
    ),
    "tick": Twins(
        ("tick",), "numbers", "all.map(([value, unit, short]) => tick(value, units[unit], short))", ticks, lambda one: chart.tick(*one[:2])
    ),
    "written": Twins(("written",), "numbers", "all.map((one) => written(...one, units))", numbers_in_style, lambda one: written(*one)),
    "number": Twins(("typedNumber",), "numbers", "all.map((text) => typedNumber(text, [0], units.byte))", typed, number_or_none),
    "what is shown, typed": Twins(
        ("typedNumber",), "numbers", "all.map(([, unit, text]) => typedNumber(text, [0], units[unit]))", shown_values, lambda one: one[0]
    ),
    "what is shown, typed in a terminal": Twins(
        ("typedNumber",),
        "numbers",
        "all.map(([, unit, text]) => typedNumber(text, [0], units[unit]))",
        shown_values,
        lambda one: number(one[2], one[1]),
    ),
    "worth": Twins(
        ("worth", "words"),
        "scenario sentences",
        """all.map((one) => {
        const here = now(one);
        return worth(one.node, (name, pins) => (pins ? here.with(pins) : here).number(name));
      })""",
        expressions,
        expression_worth,
    ),
    "limits.told": Twins(
        ("limit",),
        "scenario sentences",
        """all.map((one) => {
        const here = now(one);
        return families.map((family) => limit([family], (name) => here.number(name), units));
      })""",
        some_scenarios,
        what_binds,
    ),
    "programOf": Twins(
        ("programOf",),
        "scenario program",
        """all.map((one) => {
        const { inputs } = now(one);
        const out = programOf(book.compute, one.names)(inputs);
        return one.names.map((name) => (Number.isFinite(out[name]) ? out[name] : null));
      })""",
        parts,
        computed,
    ),
    "Case.answers": Twins(
        ("Case", "chosenWords", "isOn"),
        "scenario",
        """all.map((one) => {
        const here = now(one);
        return names.map((name) => here.answer(name)).map(({ value, why }) => value ?? why);
      })""",
        scenarios_without_answers,
        lambda one: answers(of(one).case),
    ),
    "Case.with_": Twins(
        ("Scenario",),
        "scenario",
        """all.map((one) => {
        const { model, gpu, given } = new Scenario(book, one).with(one.change, one.start, new Set(one.takes));
        return [model, gpu, given];
      })""",
        changes,
        changed,
    ),
    "Scenario.over": Twins(
        ("Scenario",),
        "scenario",
        """all.map((one) => {
        const { inputs, unknown } = new Scenario(book, one).resolve(one.start, new Set(one.takes));
        return [inputs, unknown];
      })""",
        page_scenarios,
        in_force,
    ),
    "Scenario.link": Twins(
        ("Scenario",),
        "scenario",
        "all.map((link) => Scenario.fromLink(book, link).scenario.link)",
        lambda chance: [of(one).link for one in some_scenarios(chance)],
        lambda link: link,
    ),
    "Scenario.from_link": Twins(
        ("Scenario", "allowed"),
        "scenario",
        """all.map((link) => {
        const { scenario, ignored } = Scenario.fromLink(book, link) || {};
        return scenario && !ignored ? [scenario.python, scenario.command] : null;
      })""",
        links,
        read,
    ),
    "layout": Twins(
        ("Scenario",),
        "scenario",
        """all.map(([model, gpus]) => {
        const { scenario, ignored } = Scenario.fromLink(book, `model=${model}&n_gpus=${gpus}`);
        return ignored ? null : book.layout.map((name) => scenario.given[name] ?? 1);
      })""",
        lambda chance: [
            (name.replace(" ", "+"), gpus) for name in napkin.model.choices for gpus in (1, 2, 3, 8, 24, 64, 72, chance.randint(2, 300))
        ],
        laid_out,
    ),
    "rate_for": Twins(
        ("rateFor",),
        "scenario",
        "all.map(([name, bits]) => rateFor(book.gpus[name], bits))",
        lambda chance: [(name, bits) for name in napkin.gpu.choices for bits in FORMATS],
        lambda one: rate_for(napkin.gpu[one[0]], one[1]),
    ),
    "apart": Twins(
        ("apart",),
        "scenario",
        "all.map((inputs) => book.together.map((one) => apart({ ...book.start, ...inputs }, ...one)))",
        pairs,
        lambda one: [apart(one, *row) for row in TOGETHER],
    ),
    "check_together": Twins(
        ("mismatch",),
        "scenario",
        "all.map((inputs) => mismatch(inputs, book.together, (name) => name, (name, value) => now({}).show(name, value)))",
        pairs,
        together,
    ),
    "solve_for": Twins(
        ("solve",), "scenario solving", "all.map((one) => solve(now(one), one.free, one.result, one.target).value)", targets, solved
    ),
    "sensitivity": Twins(
        ("elasticities",),
        "scenario solving",
        """all.map((one) => {
        const found = elasticities(now(one), one.given, one.result, (0, eval)(`(${slopes[one.result]})`));
        return found && Object.fromEntries(found);
      })""",
        rankings,
        ranked,
    ),
    "half_and_double": Twins(
        ("halfAndDouble",),
        "scenario solving",
        """all.map((one) => ["context", "n_layers", "memory", "duty_cycle", "gpu_hour_price", "parameters"]
        .map((name) => halfAndDouble(now(one), name, one.result).map((value) => (Number.isFinite(value) ? value : null))))""",
        rankings,
        halved,
    ),
    "places": Twins(
        ("places",),
        "chart",
        "all.map(({ lines, labels, marks, box, letter }) => places(lines, labels, marks, box, letter))",
        charts,
        placed,
    ),
    "stops_of": Twins(("stopsAlong",), "stops", "all.map(stopsAlong)", scales, resting),
}
#: What the page alone does, by the reason.
ALONE = {
    "writes to the page, or listens to it": """make attribute say slide onEnter drawChart showBar hydrateGuess widget followText showMistakes hydrate playground
        store turnAround rank listenToRecord draggable hold moving isPressed enliven
        addressOf readAddress decoded LONGEST_LINK arrangeTables showAlone goTo inWords notesOf notesAt noteText""",
    "is JupyterLab's, where each view is a script of its own": "room enter card ranking keeper",
    "keeps the reader's guesses, in the browser only": "readRecord writeRecord howFar inWords",
    "puts a value where Python's controls take any": "nearest typedText readings",
}
ASK = """(front, all, units, families, names, slopes) => {
  Object.assign(globalThis, front);
  const now = (one) => new Scenario(book, one).case();
  return %s;
}"""


@pytest.mark.parametrize("name", TWINS)
def test_python_and_the_page_say_the_same(name, chance):
    twins = TWINS[name]
    inputs = list(twins.given(chance))
    slopes = {result: OPEN_INPUTS.slopes_in_javascript(result, PARTS) for result in RESULTS}
    found = node.run(twins.modules, ASK % twins.code, inputs, units_of(UNITS), limits.as_json(FAMILIES), COMPUTED, slopes)
    said = [said_in_python(twins.python, one) for one in inputs]
    assert len(found) == len(inputs) and sum(one is None for one in said) < 0.9 * len(said)
    for one, page, python in zip(inputs, found, said):
        assert same(page, python), (one, page, python)


def said_in_python(python, one):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return python(one)


def same(page, python):
    """Whether they say the same: numbers to nine digits; what is no number comes as nothing."""
    if isinstance(python, dict):
        return isinstance(page, dict) and page.keys() == python.keys() and all(same(page[name], python[name]) for name in python)
    if isinstance(python, (list, tuple)):
        return isinstance(page, list) and len(page) == len(python) and all(map(same, page, python))
    if isinstance(python, (int, float)) and isinstance(page, (int, float)):
        return page == pytest.approx(python, rel=1e-9, abs=1e-12)
    return page == python


def test_every_export_of_the_page_has_a_twin_or_a_reason():
    exported = [name for path in sorted(WEB.glob("*.js")) for name in EXPORT.findall(path.read_text("utf-8"))]
    listed = [*(name for name in {name for one in TWINS.values() for name in one.exports}), *" ".join(ALONE.values()).split()]
    assert sorted(exported) == sorted(listed)


def test_what_a_comment_of_the_page_calls_its_twin_is_in_the_list():
    for path in WEB.glob("*.js"):
        for name, module in re.findall(
            r"`(\w+)`(?: in (\w+)\.py)?", " ".join(re.findall(r"^ *//(.*)$", path.read_text("utf-8"), re.MULTILINE))
        ):
            if module:
                assert any(name in (one, one.split(".")[-1]) for one in TWINS), (path.name, name)
