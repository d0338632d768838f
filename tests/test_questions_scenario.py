"""Scenario, Case, Answer: what one sets is fixed and checked, what is in force has a source, and what has no value one reason."""

import copy
import inspect
import itertools
import json
import math
import pickle
import re
from fractions import Fraction

import numpy
import pytest

import napkin
from napkin import FORMULAS, INPUTS, Chart, Estimate, NapkinError, Playground, estimate, evaluate, gpu, model, sensitivity, solve_for, sweep
from napkin.catalogue import Gpu
from napkin.questions.estimate import NAMES
from napkin.questions.scenario import GPU_FACTS, Fixed, Scenario
from napkin.questions.written import COUNTS
from tests.oracle import random_scenario

APPLE = {"gpu": "Apple M3 Ultra", "context": 20_000}  # nobody publishes a rate of it


# What one sets


def test_a_scenario_is_fixed():
    """F4: one object is one scenario, for good."""
    found = estimate(context=20_000)
    for change in (
        lambda: found.inputs.update(context=200_000),
        lambda: found.inputs.__setitem__("context", 200_000),
        lambda: found.inputs.clear(),
        lambda: setattr(found, "inputs", {}),
        lambda: setattr(found, "users", 3),
        lambda: delattr(found, "inputs"),
        lambda: found.scenario.given.update(context=1),
        lambda: setattr(found.scenario, "model", None),
    ):
        with pytest.raises((TypeError, AttributeError)):
            change()
    assert found["context"] == 20_000 and found.users == FORMULAS["users"](**found.inputs)
    assert evaluate("users", found.inputs)["users"] == found.users, "and can be handed on as it is"


def test_a_scenario_is_a_value():
    asked = Scenario.of("qwen3 32b", "b200", 2, count=["caches", "weights"], context=20_000)
    same = Scenario.of(model["Qwen3-32B"], gpu["B200 SXM"], numpy.int64(2), count=("weights", "caches"), context=numpy.int32(20_000))
    assert asked == same and hash(asked) == hash(same) and asked.count == ("weights", "caches")
    assert asked != asked.with_(context=30_000)
    assert Scenario.of(count=[name.removeprefix("count_") for name in COUNTS]).count == "all" and Scenario.of(count=[]).count == "article"
    for made in (asked, asked.case, Estimate(asked), estimate(**APPLE)):
        for again in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
            assert again == made or dict(again.inputs) == dict(made.inputs)


@pytest.mark.parametrize("value", [numpy.int64(20_000), numpy.float32(20_000), numpy.array(20_000), Fraction(20_000), numpy.uint16(20_000)])
def test_numbers_of_any_kind_become_plain_ones(value):
    found = estimate(context=value, n_gpus=numpy.int64(2))
    assert type(found.inputs["context"]) in (int, float)
    assert json.loads(found.to_json())["inputs"]["context"] == 20_000
    assert type(Scenario.of(users=numpy.int64(3)).given["users"]) is int


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"count": None},
            'count must be "all", "article" or some of weights, caches, formats, attention, vectors, kernels, reserve, prompts, got None',
        ),
        ({"count": 1}, "got 1"),
        ({"count": [["weights"]]}, "got ['weights']"),
        ({"context": [[1], [1, 2]]}, "context must be one number here, got 2: many at once are for sweep"),
        ({"users": [[1], [1, 2]]}, "users must be one number here, got 2"),
        ({"context": {"a": 1}}, "context must be a whole number, at least 1 token, got {'a': 1}"),
        ({"context": Fraction(10**400, 1)}, "context must be a whole number"),
        (
            {"gpu": "H100 SXM", "compute_bits": [8]},
            "compute_bits must be one of 4 (fp4), 8 (fp8), 16 (fp16, bf16) or 32 (fp32) bits, got [8]",
        ),
        ({"gpu": "H100 SXM", "compute_bits": 7}, "compute_bits must be one of 4 (fp4), 8 (fp8), 16 (fp16, bf16) or 32 (fp32) bits, got 7"),
        ({"attention_bits": 7}, "attention_bits must be one of 4 (fp4)"),
        ({"attention_bits": "16"}, "attention_bits must be one of"),
        ({"attention_bits": object()}, "attention_bits must be one of"),
        ({"attention_bits": None}, "attention_bits must be one of"),
        ({"n_gpu": 2}, "there is no input called 'n_gpu'; did you mean 'n_gpus'?"),
        ({"n_gpus": math.inf}, "n_gpus must be a whole number, at least 1, got inf"),
        ({"n_gpus": math.nan}, "n_gpus must be a whole number, at least 1, got nan"),
        ({"n_gpus": True}, "n_gpus must be a whole number"),
        ({"n_gpus": 1e300}, "n_gpus must be at most 1,000,000,000,000"),
        ({"n_gpus": 4, "tensor_parallel": 0}, "tensor_parallel must be a whole number, at least 1, got 0"),
        ({"n_gpus": 4, "tensor_parallel": "2"}, "tensor_parallel must be a whole number, at least 1, got '2'"),
        ({"n_gpus": 4, "tensor_parallel": None}, "tensor_parallel must be a whole number, at least 1, got None"),
        ({"n_gpus": 4, "pipeline_parallel": -1}, "pipeline_parallel must be a whole number, at least 1, got -1"),
        ({"n_gpus": 4, "n_heads": 1.5}, "n_heads must be a whole number, at least 1, got 1.5"),
        ({"n_gpus": 4, "n_heads": "64"}, "n_heads must be a whole number, at least 1, got '64'"),
        ({"model": "gpt-oss-120b", "gpu": "H100 SXM", "parameters": 8e9}, "expert_parameters must be at most parameters, got"),
        ({"model": "Qwen3-32B", "parameters": 8e9}, "active_parameters must be at most parameters, got active_parameters"),
    ],
)
def test_bad_input_gets_one_sentence(given, said):
    with pytest.raises(NapkinError) as caught:
        estimate(**given)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [5, None, ("users",), ["users"], {}])
def test_names_are_strings(name):
    found = estimate()
    with pytest.raises((NapkinError, TypeError)):
        found[name]
    assert name not in found
    with pytest.raises(NapkinError):
        sensitivity(name)


def test_a_trillion_gpus_take_no_time():
    assert estimate("Qwen3-32B", n_gpus=10**12).inputs["tensor_parallel"] == 64


@pytest.mark.parametrize("heads", [1, 6, 64, 71])
def test_a_layout_shares_as_far_as_the_heads_can_be_divided(heads):
    for number in range(1, 130):
        inputs = Scenario.of(n_gpus=number, n_heads=heads).case.inputs
        parts = max(part for part in range(1, number + 1) if number % part == heads % part == 0)
        assert inputs.get("tensor_parallel", 1) == parts and inputs.get("pipeline_parallel", 1) == number // parts


# What follows


def test_what_follows_a_change():
    mine = Scenario.of("Qwen3-32B", "H100 SXM", context=5_000, memory=1e11, n_layers=10, peak_flops=2e15)
    assert set(mine.with_(gpu="H200 SXM").given) == {"context", "n_layers"}, "a GPU brings its own facts"
    assert set(mine.with_(model="Llama-3.1-8B").given) == {"context", "memory", "peak_flops"}, "and a model its own"
    assert mine.with_(gpu="H200 SXM", memory=5e10).given["memory"] == 5e10, "but for what is given with it"
    assert mine.with_(weight_bits=32).given["peak_flops"] == 1e15, "a rate follows the precision that it was given for"
    assert mine.with_(weight_bits=32).with_(weight_bits=8).given["peak_flops"] == 4e15
    assert mine.with_(peak_flops=3e15, weight_bits=16).given["peak_flops"] == 3e15
    assert "context" not in mine.with_(context=None).given and mine.with_(gpu=None, count=None).gpu is None
    for bad in ({"contxt": 1}, {"contxt": None}, {"context": -1}, {"gpu": "B20"}):
        with pytest.raises(NapkinError):
            mine.with_(**bad)


def test_facts_say_who_says_so():
    facts = Scenario.of("Qwen3-32B", "Apple M3 Ultra", 2, kv_bits=16).case.facts
    assert set(facts) == set(INPUTS)
    assert facts["kv_bits"] == (16, "", "given")
    assert facts["memory"].value == gpu["Apple M3 Ultra"].memory and facts["memory"].source.startswith("Apple M3 Ultra: ")
    assert facts["n_layers"].source.startswith("Qwen3-32B")
    assert facts["peak_flops"].value is None and facts["peak_flops"].why == "no bf16 rate is published for the Apple M3 Ultra"
    assert facts["tensor_parallel"] == (2, "", "n_gpus") and facts["count_weights"].source == "count"
    assert facts["gpu_hour_price"].why == "no rent is published for the Apple M3 Ultra" and facts["prompt"].source == "follows context"
    assert Scenario.of().case.facts["gpu_hour_price"] == (4, "", "the article")
    rented = Scenario.of(gpu="H100 SXM").case.facts["gpu_hour_price"]
    assert rented.value == gpu("H100 SXM").gpu_hour_price and rented.source.startswith("H100 SXM")
    assert Scenario.of(gpu="H100 SXM", gpu_hour_price=1).with_(gpu="B200 SXM").given["gpu_hour_price"] == 1, "one's own price stays"
    assert Scenario.of(weight_bits=16).case.facts["peak_flops"] == (2.25e15, "", "follows weight_bits")


# What has no value


def test_an_estimate_is_a_mapping():
    """F6: names without a value are not in it, and looking for them finds none."""
    found = estimate("DeepSeek-V3", "L4", context=8000)
    assert "users" not in found and "weight_bytes" in found and "context" in found and "user" not in found
    assert not hasattr(found, "users") and getattr(found, "users", 7) == found.get("users", 7) == 7
    assert (
        dict(found) == dict(found.items()) and list(found) == [name for name in NAMES if name in found] and len(found) == len(dict(found))
    )
    assert found == estimate("DeepSeek-V3", "L4", context=8000) != estimate("DeepSeek-V3", "L4", context=9000)
    for error in (NapkinError, KeyError, AttributeError):
        with pytest.raises(error) as caught:
            found["users"]
        assert str(caught.value).startswith("users has no value: does not fit: needs 677 GB")
    with pytest.raises(AttributeError, match="did you mean 'users'"):
        found.user


def test_the_reason_is_the_fact_that_it_depends_on():
    """F2 in Python: what does not fit is not for want of a rate."""
    case = Scenario.of("DeepSeek-V3", "Apple M3 Ultra", context=20_000, count=["weights", "caches", "formats", "reserve"]).case
    assert case.answer("users").why.startswith("does not fit: needs 724 GB")
    assert case.answer("compute_seconds").why == "no fp8 rate is published for the Apple M3 Ultra"
    assert case.answer("weight_bytes").value == evaluate("weight_bytes", case.inputs)["weight_bytes"]
    assert Scenario.of(memory=1e308, bandwidth=1e-300).case.answer("step_seconds").why == "beyond what a number can hold"
    blind = Scenario.of(gpu=Gpu(name="mine", memory=None, bandwidth=1e12, rates={8: 1e15, 16: 5e14}), batch=4).case
    assert blind.answer("step_seconds").why == "no memory size is published for the mine", "nor is it known whether the batch has room"
    assert blind.answer("memory_for_cache").value is None and blind.answer("kv_bytes_per_token").value > 0


def test_what_is_not_published_is_not_computed_with():
    found = estimate(gpu="H100 SXM", attention_bits=4)
    assert found.unknown == {"attention_peak_flops": "no fp4 rate is published for the H100 SXM"}
    assert "compute_seconds" not in found and found.text("compute_seconds") == "no fp4 rate is published for the H100 SXM"
    assert "memory_seconds" in found
    assert estimate(gpu="H100 SXM", attention_bits=4, count="article").compute_seconds > 0, "which does all at one rate"
    assert float(sweep("compute_seconds", gpu="H100 SXM", attention_bits=[4, 16]).compute_seconds.isnull().sum()) == 1


def blinded(playground):
    return playground._page.figure(playground.case, script=False)


def test_a_finished_playground_invents_no_number():
    """F1: no rate of an M3 Ultra is published, so nothing that needs it has a number, a curve or a sentence."""
    chart = Chart(x="context", y=["tokens_per_second", "sequences_that_fit"])
    playground = Playground(
        [gpu, "weight_bits", "peak_flops"],
        ["sequences_that_fit", "tokens_per_second", "machine_balance"],
        chart,
        "{tokens_per_second} for {sequences_that_fit}.",
        shared=False,
        at={"context": 20_000, "duty_cycle": 0.2},
    )
    playground.value = {"gpu": "Apple M3 Ultra", "weight_bits": 4}
    page, why = blinded(playground), "no fp4 rate is published for the Apple M3 Ultra"
    outputs = dict(re.findall(r'<output name="(\w+)"[^>]*>([^<]*)', page))
    assert outputs == {
        "sequences_that_fit": f"{playground.results['sequences_that_fit']:,} conversations",
        "tokens_per_second": "—",
        "machine_balance": "—",
    }
    assert page.count(f'title="{why}"') == 2 and f'class="napkin-reason">{why}</p>' in page
    assert f'aria-live="polite">N{why[1:]}.</p>' in page
    assert "limits a step" not in page and "not published" in page and "tokens/s for" not in page
    curves = chart.curves(playground.case.inputs, playground.case.unknown)
    assert numpy.isnan(curves["tokens_per_second"]).all() and not numpy.isnan(curves["sequences_that_fit"]).all()
    bundle, _ = playground._repr_mimebundle_()
    assert why in bundle["text/html"] and bundle["image/png"]
    assert "peak_flops" not in playground.value


def test_a_playground_refuses_as_one():
    """Whatever is refused, by name, by number or by a front end, leaves everything as it was."""
    playground = Playground([model, gpu, "context", "parameters"], ["users", "step_seconds"])
    playground.value = {"model": "gpt-oss-120b"}
    before = (playground.value, playground.chosen, playground.results)
    for trait, bad in (("chosen", {"model": "nope"}), ("value", {"model": "nope"}), ("value", {"parameters": 8e9}), ("chosen", {"gpu": 3})):
        with pytest.raises(NapkinError):
            setattr(playground, trait, bad)
        with pytest.raises(NapkinError):
            playground.set_state({trait: bad})
        assert (playground.value, playground.chosen, playground.results) == before


def test_a_page_keeps_what_does_not_go_together():
    start = {"n_heads": 64, "n_kv_heads": 8, "parameters": 32e9, "expert_parameters": 0}
    assert Scenario.of(count="article", n_kv_heads=6).over(start).inputs["n_kv_heads"] == 8
    small = Scenario.of(count="article", expert_parameters=5e10).over(start)
    assert small.inputs["expert_parameters"] == 0
    with pytest.raises(NapkinError, match="expert_parameters must be at most parameters"):
        Scenario.of(count="article", expert_parameters=5e10).over(start, strict=True)
    assert Scenario.of(count="article", active_parameters=5e10).over(start, ["active_parameters"]).inputs.get("active_parameters") is None


def test_a_rate_of_a_page_follows_its_precision():
    start = {"weight_bits": 16, "peak_flops": 1e15, "memory": 8e10}
    assert Scenario.of(count="article", weight_bits=8).over(start).inputs["peak_flops"] == 2e15
    assert Scenario.of(gpu="H100 SXM").over(start).inputs["peak_flops"] == gpu["H100 SXM"].rate(16), "at the bits of the page"


def test_what_goes_together_on_one_page_goes_together_everywhere():
    """Eight experts a token of that page's 128: elsewhere there is one. Both are set then, and both go."""
    start = {"n_experts": 128, "experts_per_token": 4, "expert_parameters": 110e9, "parameters": 117e9, "count_weights": 1}
    moved = Scenario.of(count="article").over(start).with_(experts_per_token=8)
    assert moved.given == {"n_experts": 128, "experts_per_token": 8}
    assert moved.with_(n_experts=None).given == {}
    again = Scenario.from_link(moved.link)
    assert again.over(start).inputs["experts_per_token"] == 8 and Estimate(again)["users"]
    assert Scenario.of(count="article").over(start).with_(parameters=120e9).given == {"parameters": 120e9}


def test_a_switch_set_by_itself_leaves_the_others_to_each_page():
    alone = Scenario.of(count="article", count_weights=1)
    assert alone.link == "context=200000&duty_cycle=1&count_weights=1"
    assert Scenario.from_link(alone.link).over({"count_formats": 1}, COUNTS).inputs == {"count_formats": 1, "count_weights": 1}


# As text


def a_scenario(chance):
    given = random_scenario(
        chance.sample([name for name in INPUTS if name not in (*COUNTS, "as_the_article")], chance.randrange(8)), chance
    )
    for name in ("n_heads", "n_kv_heads", "experts_per_token", "n_experts", "parameters", "expert_parameters", "active_parameters"):
        given.pop(name, None)  # with the model's other half they might not go together
    count = chance.choice(["all", "article", ["weights"], ["caches", "vectors"]])
    return Scenario.of(chance.choice([None, *model.choices]), chance.choice([None, *gpu.choices]), count=count, **given)


def test_a_link_and_a_call_give_the_scenario_back(chance):
    for _ in range(300):
        asked = a_scenario(chance)
        again = Scenario.from_link("http://localhost/05_users.html#" + asked.link)
        called = eval(asked.python, {"napkin": type("napkin", (), {"estimate": staticmethod(Scenario.of)})})
        for one in (again, called):
            expected = {**asked.case.inputs, **{name: one.given[name] for name in ("context", "duty_cycle")}}
            assert {name: float(value) for name, value in one.case.inputs.items()} == {
                name: float(value) for name, value in expected.items()
            }
            assert one.link == asked.link and one.python == asked.python and one.command == asked.command


def test_several_gpus_are_a_layout_in_a_link():
    asked = Scenario.of("Llama-3.1-70B", "H100", 12, duty_cycle=0.5)
    assert "&tensor_parallel=4&pipeline_parallel=3" in asked.link
    assert Estimate(Scenario.from_link(asked.link)).users == Estimate(asked).users
    assert asked.python.startswith('napkin.estimate("Llama-3.1-70B", "H100 SXM", n_gpus=12, ')


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("05_users.html#full-is-full", "there is no scenario in"),
        ("", "there is no scenario in ''"),
        ("#context=-5", "context must be a whole number, at least 1 token, got -5"),
        ("#context=0x10", "'context=0x10' of the link is not understood"),
        ("#contxt=5", "'contxt=5' of the link is not understood; did you mean 'context'?"),
        ("#context=5&model=Qwen3-33B", "the nearest is 'Qwen3-32B'"),
        ("#context=1=2", "'context=1=2' of the link is not understood"),
        ("#context=%FF", "is not understood"),
        ("#as_the_article=1", "'as_the_article=1' of the link is not understood"),
        ("#count=some", "count must be"),
        ("#model=gpt-oss-120b&parameters=8000000000", "expert_parameters must be at most parameters"),
    ],
)
def test_what_a_link_says_is_understood_or_refused(link, said):
    with pytest.raises(NapkinError) as caught:
        Scenario.from_link(link)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("asked", [{"users": 3}, {"as_the_article": 1}, {"gpu": Gpu(name="mine", memory=1e11)}, {"attention_bits": 8}])
def test_what_no_link_can_say_is_refused(asked):
    with pytest.raises(NapkinError):
        Scenario.of(**asked).link


# Many at once


def random_lists(chance):
    """Arguments of a sweep in which lists decide what other inputs mean."""
    pool = {
        "gpu": [None, "H100 SXM", "A100 80GB SXM", "GH200 (144GB HBM3e)", "Apple M3 Ultra"],
        "model": [None, "Qwen3-32B", "Mixtral-8x7B"],
        "n_gpus": [None, 1, 2, 8],
        "n_heads": [8, 64, 48],
        "weight_bits": [4, 8, 16],
        "peak_flops": [3e14, 2e15],
        "bandwidth": [1e12, 4e12],
        "memory": [1e11, 5e11],
        "link_bandwidth": [1e11],
        "tensor_parallel": [1, 2],
        "attention_bits": [4, 8, 16],
        "kv_bits": [8, 16],
        "context": [2_000, 50_000],
        "batch": [1, 8],
        "count_weights": [0, 1],
        "attention_peak_flops": [1e14, 1e15],
    }
    given = {}
    for name in chance.sample(list(pool), chance.randrange(2, 7)):
        some = chance.sample(pool[name], chance.randrange(1, min(3, len(pool[name])) + 1))
        given[name] = some if chance.random() < 0.7 else some[0]
    if "n_gpus" in given and "tensor_parallel" in given:
        del given["tensor_parallel"]  # one of them decides
    return {**given, "count": chance.choice(["all", "article"])}


@pytest.mark.filterwarnings("ignore:a context of")
def test_every_cell_of_a_sweep_is_its_estimate(chance):
    results = ("compute_seconds", "step_seconds", "users", "link_seconds", "sequences_that_fit", "time_to_first_token")
    cells = refused = 0
    for _ in range(60):
        given = random_lists(chance)
        lists = {name: value for name, value in given.items() if isinstance(value, list)}
        try:
            made = sweep(results, **given)
        except NapkinError:
            refused += 1  # then one of its points is refused too
            with pytest.raises(NapkinError):
                for point in itertools.product(*lists.values()):
                    estimate(**{**given, **dict(zip(lists, point))}).get("users")
            continue
        for place in itertools.product(*(range(len(some)) for some in lists.values())):
            point = {name: lists[name][i] for name, i in zip(lists, place)}
            one = estimate(**{**given, **point})
            for name in results:
                found = float(made[name].isel(dict(zip(lists, place))))
                assert found == pytest.approx(one.get(name, math.nan), rel=1e-12, nan_ok=True), (given, point, name)
                cells += 1
    assert cells > 1_000 and refused < 30


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"results": None}, "results are names of formulas, got None"),
        ({"results": [5]}, "a formula is asked for by its name, got 5"),
        ({"context": [1, 2], "chunks": 0}, "chunks must be a number of points"),
        ({"context": [1, 2], "chunks": "1,000"}, "chunks must be a number of points"),
        ({"context": [1, 2], "chunks": {"context": 0}}, "chunks must be a number of points"),
        ({"users": ["many"]}, "users must be a finite number above 0, got 'many'"),
        ({"weight_bits": ["x"]}, "weight_bits must be one of"),
        ({"contxt": [1, 2]}, "did you mean 'context'"),
    ],
)
def test_a_bad_sweep_gets_one_sentence(given, said):
    with pytest.raises(NapkinError) as caught:
        sweep(**given)
    assert said in str(caught.value) and "\n" not in str(caught.value)


# What can be asked with


@pytest.mark.parametrize("function", [estimate, sweep, sensitivity, solve_for])
def test_signatures_tell_the_inputs(function):
    told = inspect.signature(function).parameters
    assert {"model", "gpu", "n_gpus", "count", *INPUTS} <= set(told)
    assert told["gpu_hour_price"].default == INPUTS["gpu_hour_price"].default and told["batch"].default is None
    assert all(told[name].kind is inspect.Parameter.KEYWORD_ONLY for name in INPUTS)


def test_fixed_is_a_dict():
    fixed = Fixed(a=1)
    assert fixed == {"a": 1} and {**fixed, "b": 2} == fixed | {"b": 2} and json.dumps(fixed) == '{"a": 1}'
    assert set(GPU_FACTS) <= set(INPUTS) and napkin.Scenario is Scenario
