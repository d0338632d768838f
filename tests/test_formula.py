"""A formula has one meaning and many faces; bad input gets one sentence."""

import copy
import importlib
import math
import pickle
import random
import re
import sys
from fractions import Fraction

import mpmath
import numpy
import pytest
import sympy

import napkin
from napkin import FORMULAS, INPUTS, NapkinError, evaluate, formula
from napkin.language.formulas import refines, replaces, sequence, token
from napkin.language.graph import BOOK
from napkin.language.operations import whole
from tests.oracle import FACES, base_inputs, exact, random_scenario

F = FORMULAS


@pytest.mark.parametrize(("name", "flags"), FACES)
def test_numpy_agrees_with_exact_arithmetic(name, flags, chance):
    names = base_inputs([name], flags)
    scenarios = [{**random_scenario(names, chance), **flags} for _ in range(200)]
    arrays = {one: numpy.array([s[one] for s in scenarios], dtype=float) for one in names}
    vectorised = evaluate((name,), {**arrays, **flags})[name]
    undefined = 0
    for scenario, found in zip(scenarios, vectorised):
        blocked = [guard for guard in BOOK.under(scenario).guards(name) if exact(guard, scenario)[0] <= 0]
        if blocked:
            undefined += 1
            assert math.isnan(found)
            with pytest.raises(NapkinError):
                F[name](**scenario)
            continue
        value, error = exact(name, scenario)
        assert abs(found - value) <= error, scenario
        assert abs(F[name](**scenario) - value) <= error, scenario
    assert undefined < len(scenarios)


@pytest.mark.long
@pytest.mark.parametrize(("name", "flags"), FACES)
def test_the_term_as_written_equals_the_expression(name, flags, chance):
    """The twin that is shown and SymPy's expression, both at 50 digits, are the same mathematics."""
    names = base_inputs([name], flags)
    expression = BOOK.under({**dict.fromkeys(names), **flags}).expression(name)
    symbols = sorted(expression.free_symbols, key=str)
    at_50_digits = sympy.lambdify(symbols, expression, modules="mpmath", cse=True)
    for _ in range(50):
        scenario = {**random_scenario(names, chance), **flags}
        if any(exact(guard, scenario)[0] <= 0 for guard in BOOK.under(scenario).guards(name)):
            continue
        value, error = exact(name, scenario)
        assert abs(at_50_digits(*(mpmath.mpf(scenario[str(symbol)]) for symbol in symbols)) - value) <= error


def test_arithmetic_is_in_the_authors_order():
    assert F["kv_bytes_per_token"].arithmetic() == "2 × 64 × 8 × 128 × 1 B = 131,072 B per token"
    assert F["memory_seconds"].arithmetic() == "189.29 GB / 8 TB/s = 23.661 ms"
    assert F["kv_bytes_per_token"].arithmetic(kv_bits=16) == "2 × 64 × 8 × 128 × 2 B = 262,144 B per token"
    assert F["sequences_that_fit"].arithmetic(context=20_000) == "max(0, ⌊160 GB / 2.6214 GB⌋) = 61 conversations"


def test_latex_is_in_the_authors_order_and_carries_its_name():
    assert F["kv_bytes_per_token"].latex == (r"2 \, L \, H_{\mathrm{kv}} \, d_{\mathrm{h}} \, \frac{b_{\mathrm{kv}}}{8}")
    assert F["step_seconds"].latex == r"\max\left(t_{\mathrm{mem}},\; t_{\mathrm{mul}}\right)"
    assert r"r \cdot 3{,}600" in F["cost_per_million_output_tokens"].latex, "numbers side by side need a sign"
    assert "% equation: step_seconds\n" in F["step_seconds"]._repr_latex_()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"context": -5}, "context must be a whole number, at least 1 token, got -5"),
        ({"context": 0}, "at least 1 token, got 0"),
        ({"context": float("nan")}, "got nan"),
        ({"context": float("inf")}, "got inf"),
        ({"context": "20k"}, "got '20k'"),
        ({"context": 2 + 1j}, "got (2+1j)"),
        ({"context": 2.5}, "got 2.5"),
        ({"context": True}, "got True"),
        ({"context": None}, "got None"),
        ({"context": 10**400}, "context must be a whole number"),
        ({"context": [1, 2.5]}, "got 2.5 at position 1"),
        ({"context": [[1, 2], [3]]}, "lists of different lengths"),
        ({"context": ["a"]}, "got an array of"),
        ({"bandwidth": 0}, "bandwidth must be a finite number above 0 byte/second, got 0"),
        ({"bandwidth": -1.0}, "got -1.0"),
        ({"duty_cycle": 1.5}, "duty_cycle must be more than 0 and at most 1, got 1.5"),
        ({"weight_bits": 0.5}, "one of 4 (fp4), 8 (fp8), 16 (fp16, bf16) or 32 (fp32) bits, or any number from 1 to 32, got 0.5"),
        ({"activation_bits": [8, 5]}, "got 5.0 at position 1"),
        ({"contxt": 5}, "there is no input called 'contxt'; did you mean 'context'?"),
        ({"n_kv_heads": 7}, "n_heads must be a multiple of n_kv_heads, got n_heads 64 and n_kv_heads 7"),
        ({"n_heads": [64, 60], "n_kv_heads": 8}, "got n_heads 60 and n_kv_heads 8"),
        ({"context": [1, 2], "bandwidth": [1.0, 2.0, 3.0]}, "these shapes do not broadcast: bandwidth (3,), context (2,)"),
        ({"users": 0}, "users must be a finite number above 0, got 0"),
        ({"users": 2.5}, "users must be a whole number, got 2.5"),
        ({"users": "many"}, "got 'many'"),
        ({"context": Fraction(10**400)}, "context must be a whole number, at least 1 token, got inf"),
        ({"users": Fraction(10**400)}, "users must be a finite number above 0, got Fraction(1000"),
        ({"context": numpy.ma.array([1, 2], mask=[0, 1])}, "context must be a whole number, at least 1 token, got masked values"),
        ({"users": numpy.ma.array([1, 2], mask=[0, 1])}, "users must be a finite number above 0, got masked_array("),
        ({"context": numpy.ma.masked}, "got masked"),
    ],
)
def test_bad_input_gets_one_sentence(given, said):
    with pytest.raises(NapkinError) as caught:
        evaluate(("cost_per_user_month", "tokens_per_second", "arithmetic_intensity"), given)
    message = str(caught.value)
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{users:user,x}", "the significant digits of {users:user,x} must be a whole number from 1 to 17, got 'x'"),
        ("{users(context=open)}", "context must be a number here, got 'open'"),
        ("{users(context=[1, 2])}", "context must be a number here, got '[1, 2]'"),
        ("{users**1000}", "comes to user^1000"),
        ("{1e400 * users}", "a field is made of names, numbers"),
        ("{" + "-" * 5000 + "users}", "a field is an expression of inputs and results"),
        ("{", "a field stands between { and }"),
    ],
)
def test_a_sentence_made_wrongly_says_so(template, said):
    with pytest.raises(NapkinError) as caught:
        napkin.say(template)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("template", ["{1 / 0}", "{2 ** 100000}", "{9 ** 9 ** 9 ** 9}", "{(0 - 2) ** 0.5}", "{1e200 * 1e200}"])
def test_what_no_number_can_hold_is_no_number(template):
    assert napkin.say(template) == "no number"


@pytest.mark.parametrize("digits", [0, 18, 1000, "x", 2.5])
def test_so_many_digits_there_are_not(digits):
    with pytest.raises(NapkinError, match="the significant digits must be a whole number from 1 to 17, got"):
        F["users"].text(digits=digits)


def test_a_smooth_result_is_a_number_or_none():
    """Two and a half of two experts a token: the root of less than nothing."""
    given = {"experts_per_token": 2.5, "n_experts": 2, "batch": 1.5, "count_weights": 1}
    assert math.isnan(evaluate("step_seconds", given, smooth=True)["step_seconds"])


def test_results_have_the_shape_of_what_is_given():
    """Whether a formula uses it or not, and whether there is an answer or not."""
    assert F["users"](context=20_000, bandwidth=[1e12, 2e12]).tolist() == [61, 61]
    assert numpy.isnan(F["users"](context=2_000_000, bandwidth=[[1e12], [2e12]])).tolist() == [[True], [True]]
    assert F["users"](context=[20_000]).shape == (1,) and type(F["users"](context=numpy.array(20_000))) is int


PUBLIC = {
    "an input": lambda: napkin.INPUTS["context"],
    "a formula": lambda: F["users"],
    "a unit": lambda: napkin.unit("byte"),
    "a graph": lambda: BOOK,
    "arithmetic": lambda: F["users"].arithmetic(context=20_000),
    "a text": lambda: F["users"].text(),
    "a sentence": lambda: napkin.say("{users}", context=20_000),
    "an expression": lambda: F["users"].expression,
    "a catalogue": lambda: napkin.gpu,
    "a model": lambda: napkin.model("Qwen3-32B"),
    "a GPU": lambda: napkin.gpu("B200 SXM"),
    "an estimate": lambda: napkin.estimate("Qwen3-32B"),
    "a scenario": lambda: napkin.Scenario.of("Qwen3-32B", context=8_000),
    "a case": lambda: napkin.Scenario.of("Qwen3-32B").over({"context": 8_000}),
    "a solution": lambda: napkin.solve_for("gpu_hour_price", cost_per_user_month=5),
    "a sensitivity": lambda: napkin.sensitivity(),
    "a chart": lambda: napkin.Chart("context", ["users"]),
    "a refinement": lambda: BOOK.refinements["step_bytes"][0],
}


@pytest.mark.parametrize(
    "send", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))], ids=["copy", "deepcopy", "pickle"]
)
@pytest.mark.parametrize("what", PUBLIC)
def test_everything_public_can_be_copied_and_sent(what, send):
    def faces(one):
        shown = [getattr(one, face)() for face in ("_repr_html_", "_repr_markdown_", "_repr_latex_") if hasattr(one, face)]
        return [*shown, re.sub(" at 0x\\w+", "", repr(one)), getattr(one, "inputs", None)]

    one = PUBLIC[what]()
    assert type(send(one)) is type(one) and faces(send(one)) == faces(one)
    with pytest.raises(NapkinError, match="a graph of one's own cannot be sent"):
        pickle.dumps(BOOK.copy())


def test_a_chapter_read_again_changes_no_answer():
    """Autoreload does it."""
    asked = [
        {"pipeline_parallel": 16, "count_vectors": 1},
        {"tensor_parallel": 4, "block_tokens": 16, "count_caches": 1, "draft_length": 4},
    ]
    before = [dict(napkin.estimate("gpt-oss-120b", "H100 SXM", context=20_000, **one)) for one in asked]
    for chapter in napkin.CHAPTERS:
        importlib.reload(importlib.import_module(f"napkin.{chapter}"))
    assert [dict(napkin.estimate("gpt-oss-120b", "H100 SXM", context=20_000, **one)) for one in asked] == before


def test_no_cache_grows_without_end(chance):
    """Whatever is asked for: ways of giving inputs, and sentences; all other caches are keyed by what the book has."""
    graph = BOOK.copy()
    for i in range(3000):
        graph.under(dict.fromkeys(chance.sample(list(F), 5)))
        napkin.language.sentences.term_of(f"{i} + users / user")
    found = [
        one.cache_info() for one in (graph._view, graph._program, napkin.language.sentences.term_of, napkin.language.sentences.fields_of)
    ]
    assert all(one.currsize <= one.maxsize <= 4096 for one in found) and found[0].currsize == found[0].maxsize
    endless = {
        cached.__qualname__
        for module, one in list(sys.modules.items())
        if module.startswith("napkin.")
        for cached in vars(one).values()
        if hasattr(cached, "cache_info") and cached.cache_info().maxsize is None
    }
    assert endless <= {"dimension", "bundled", "_source", "claims", "counted", "keeper", "_all_prices", "_brought"}, (
        "of units, of files, of nothing"
    )


def test_an_unknown_formula_names_the_nearest():
    with pytest.raises(NapkinError, match="did you mean 'step_seconds'"):
        evaluate(("step_second",), {})


def test_heads_given_together_must_go_together_even_unused():
    with pytest.raises(NapkinError, match="n_heads must be a multiple of n_kv_heads"):
        F["kv_bytes_per_token"](n_heads=64, n_kv_heads=7)
    assert F["kv_bytes_per_token"](n_kv_heads=10) == 2 * 64 * 10 * 128


def test_known_inputs_that_do_not_matter_are_accepted():
    assert F["kv_bytes_per_token"](gpu_price=1, context=7, batch=3) == F["kv_bytes_per_token"]()


def test_where_nothing_fits():
    assert F["sequences_that_fit"](context=2_000_000) == 0
    for name in ("users", "tokens_per_second", "step_seconds", "cost_per_user_month", "capital_per_user"):
        with pytest.raises(NapkinError, match="needs 294 GB, has 192 GB, 102 GB are missing"):
            F[name](context=2_000_000)
    missing = F["missing_bytes"](context=2_000_000)
    assert missing == 32e9 + 131_072 * 2_000_000 - 192e9
    points = F["users"](context=[200_000, 2_000_000, 20_000])
    assert points.tolist()[::2] == [6, 61]
    assert math.isnan(points[1])


def test_nothing_fits_where_the_weights_alone_are_too_large():
    assert F["sequences_that_fit"](parameters=200 * 10**9) == 0
    with pytest.raises(NapkinError, match="has 192 GB"):
        F["users"](parameters=200 * 10**9)


def test_a_result_given_is_not_computed():
    assert F["cost_per_user_month"](users=300) == pytest.approx(4 / 300 * 720, rel=1e-15)
    assert F["cost_per_user_month"](users=300, context=2_000_000) == F["cost_per_user_month"](users=300)
    assert F["tokens_per_second"](step_seconds=0.5, batch=4) == 8


def test_peak_follows_the_precision_until_it_is_given():
    assert F["machine_balance"](weight_bits=16) == 2.25e15 / 8e12
    assert F["machine_balance"](weight_bits=4) == 9e15 / 8e12
    assert F["machine_balance"](weight_bits=16, peak_flops=4.5e15) == 562.5


def test_floors_are_guarded_on_every_two_decimal_duty_cycle():
    """The oracle is integer division: n conversations at a duty cycle of k/100 make 100n // k users."""
    n, k = numpy.meshgrid(numpy.arange(1, 400), numpy.arange(1, 101), indexing="ij")
    found = F["users"](sequences_that_fit=n, duty_cycle=k / 100)
    assert (found == 100 * n // k).all()
    assert (numpy.floor(n / (k / 100)) != 100 * n // k).any(), "without the guard some would be wrong"
    scalars = random.Random(1).sample([(i, j) for i in range(1, 400) for j in range(1, 101)], 500)
    for i, j in scalars:
        assert F["users"](sequences_that_fit=i, duty_cycle=j / 100) == 100 * i // j


def test_floors_at_exact_multiples_of_memory():
    """Memory for exactly n conversations holds n, a byte less holds n − 1."""
    for n in range(1, 200):
        per_sequence = 131_072 * 20_000
        assert F["sequences_that_fit"](memory=32 * 10**9 + n * per_sequence, context=20_000) == n
        assert F["sequences_that_fit"](memory=32 * 10**9 + n * per_sequence - 10_000, context=20_000) == n - 1


def test_whole_takes_numbers_and_expressions():
    x = sympy.Symbol("x")
    assert whole(sympy.Float(6) / 0.2) == 30
    assert whole(x).subs(x, 30) == 30


def test_formulas_refuse_to_be_made_wrongly():
    with pytest.raises(NapkinError, match="needs 'contxt', which is no input and no formula; did you mean 'context'"):

        @formula("x", "FLOP")
        def wrong_parent(contxt):
            return contxt

    with pytest.raises(NapkinError, match="has the unit 'flop'"):

        @formula("x", "flop")
        def wrong_unit(context):
            return context

    with pytest.raises(NapkinError, match="there is a formula called 'users' already"):

        @formula("x", "user")
        def users(context):
            return context

    with pytest.raises(NapkinError, match="is the name of an input"):

        @formula("x", "token")
        def context(batch):
            return batch


def test_a_reader_may_add_a_formula_and_run_the_cell_again():
    mine = BOOK.copy()
    for factor in (2, 3):

        @formula("z", "FLOP", graph=mine)
        def readers_own(weight_flops_per_token, batch):
            """A formula made in a notebook."""
            return factor * (token / sequence) * weight_flops_per_token * batch

        assert readers_own(batch=1, parameters=10) == factor * 20


def test_every_public_name_is_there():
    assert all(hasattr(napkin, name) for name in napkin.__all__)
    with pytest.raises(AttributeError):
        napkin.nothing_of_the_kind


def test_every_formula_says_what_it_is():
    for made in FORMULAS.values():
        assert made.says.endswith("."), made.name
        assert made.unit in made.__doc__


def test_a_refinement_takes_a_formulas_place_where_its_switch_is_given():
    mine = BOOK.copy()
    cost_per_user_month = mine.formulas["cost_per_user_month"]

    @refines(cost_per_user_month, "power", graph=mine)
    def cost_with_power(cost_per_user_month, energy_cost_per_hour, hours_per_month, users):
        """Electricity on top."""
        return cost_per_user_month + energy_cost_per_hour * hours_per_month / users

    assert cost_per_user_month(users=300) == pytest.approx(9.6)
    assert cost_per_user_month(users=300, power=1000) == pytest.approx(9.6 + 0.1 * 720 / 300)
    assert cost_per_user_month.arithmetic(users=300, power=1000).startswith("$0.013333 × 720 h + $0.10 × 720 h / 300")
    assert cost_per_user_month.latex_with(power=1) != cost_per_user_month.latex
    assert repr(cost_with_power) == "<cost_with_power refines cost_per_user_month with power: Electricity on top.>"
    assert F["cost_per_user_month"](users=300, power=1000) == pytest.approx(9.6)  # the book's graph knows nothing of it
    with pytest.raises(NapkinError, match="'powr' is no input, so it can turn nothing on; did you mean 'power'"):

        @refines(cost_per_user_month, "powr", graph=mine)
        def cost_mistyped(cost_per_user_month):
            return cost_per_user_month


def test_no_refinement_is_lost_without_a_word():
    """A part of the bandwidth, put before the chapter on several GPUs or after it, holds there too, or is refused."""
    mine = BOOK.copy()
    mine.declare("efficiency", r"\eta", "percent", "part of the bandwidth that a server reaches", 1, 0.1, 1, most=1, scale="linear")

    @refines(F["memory_seconds"], "efficiency", graph=mine)
    def memory_seconds_measured(memory_seconds, efficiency):
        """A server reaches a part of the data sheet's bandwidth."""
        return memory_seconds / efficiency

    on_eight = {"tensor_parallel": 8, "context": 20_000, "batch": 100}
    halved = mine.evaluate("memory_seconds", {**on_eight, "efficiency": 0.5})["memory_seconds"]
    assert halved == pytest.approx(2 * evaluate("memory_seconds", on_eight)["memory_seconds"])

    def as_if_of_chapter_1(memory_seconds, efficiency):
        """The same, made by a chapter before the one that replaces."""
        return memory_seconds / efficiency

    as_if_of_chapter_1.__module__ = "napkin.matmul_cost"
    with pytest.raises(
        NapkinError, match="memory_seconds_of_gpus would take the place of as_if_of_chapter_1: refine memory_seconds, or say over="
    ):
        refines(F["memory_seconds"], "efficiency", graph=mine)(as_if_of_chapter_1)


def test_what_refines_names_the_formula_and_what_replaces_does_not():
    mine = BOOK.copy()

    def of_it(cost_per_user_hour, hours_per_month):
        return cost_per_user_hour * hours_per_month

    def of_itself(cost_per_user_month):
        return 2 * cost_per_user_month

    with pytest.raises(NapkinError, match="of_it must have cost_per_user_month among its parameters"):
        refines(F["cost_per_user_month"], "power", graph=mine)(of_it)
    with pytest.raises(NapkinError, match="of_itself replaces cost_per_user_month, so it cannot build on it"):
        replaces(F["cost_per_user_month"], "power", graph=mine)(of_itself)
    with pytest.raises(NapkinError, match="of_it would take the place of cost_per_user_month_as_the_article"):
        replaces(F["cost_per_user_month"], "power", graph=mine)(of_it)
    assert replaces(F["cost_per_user_month"], "power", over=["cost_per_user_month_as_the_article"], graph=mine)(of_it).replaces


def test_a_switch_at_rest_changes_nothing():
    """Of every refinement of the book: an input given as it is anyway leaves all results as they are."""
    for switch in BOOK.switches:
        default = INPUTS[switch].default
        for names in (tuple(F), tuple(name for name, some in BOOK.refinements.items() if any(switch in one.switches for one in some))):
            plain, given = evaluate(names, {"context": 20_000}), evaluate(names, {"context": 20_000, switch: default})
            assert all(given[name] == pytest.approx(value, rel=1e-12, nan_ok=True) for name, value in plain.items()), switch
    with pytest.raises(NapkinError, match="of_nothing needs the name of an input that turns it on"):

        @refines(F["users"], graph=BOOK.copy())
        def of_nothing(users):
            return users


def test_two_flags_left_to_the_numbers_each_decide():
    mine = BOOK.copy()
    for name in ("one_flag", "other_flag"):
        mine.declare(name, "x", "1", "a switch", 0, 0, 1, flag=True)

    @refines(F["cost_per_user_hour"], "one_flag", "other_flag", graph=mine)
    def twice(cost_per_user_hour):
        """Twice as much where one of two switches is on."""
        return 2 * cost_per_user_hour

    flags = {"one_flag": [0, 1, 0, 1], "other_flag": [0, 0, 1, 1]}
    plain = evaluate("cost_per_user_hour", {"users": 100})["cost_per_user_hour"]
    assert mine.evaluate("cost_per_user_hour", {"users": 100, **flags})["cost_per_user_hour"].tolist() == [
        plain,
        2 * plain,
        2 * plain,
        2 * plain,
    ]


def test_a_formula_that_branches_is_refused():
    """It is traced once, with names for numbers: one branch alone would be taken, in silence."""

    def branching(context):
        return context if context else 1

    def comparing(batch, context):
        return context if batch == 1 else 2 * context

    def rounding(context):
        return math.floor(context)

    for function in (branching, comparing, rounding):
        with pytest.raises(NapkinError, match="cannot branch on one: use largest, smallest or a refinement"):
            formula("x", "token", graph=BOOK.copy())(function)


def test_units_are_checked_when_a_formula_is_made():
    def wrong_sum(memory, context):
        return memory + context

    def wrong_unit(memory, bandwidth):
        return memory / bandwidth

    with pytest.raises(NapkinError, match="the units of wrong_sum do not go together: byte and token cannot be added or compared"):
        formula("x", "byte", graph=BOOK.copy())(wrong_sum)
    with pytest.raises(NapkinError, match="wrong_unit comes to second and is said to be in hour"):
        formula("x", "hour", graph=BOOK.copy())(wrong_unit)


def test_every_guard_says_what_is_wrong():
    for made in F.values():
        for need in made.needs:
            assert F[need].otherwise, (made.name, need)
