"""The best layout against every layout and every batch, asked one by one by hand."""

import itertools
import json
import math
import random

import pytest

from napkin import NapkinError, best, estimate
from napkin.__main__ import main
from napkin.catalogue import gpu, model
from napkin.several_gpus import PARTS

PLAIN = {"context": 20_000, "weight_bits": 8}


def by_hand(name, card, size, keeps, **given):
    """The most users a GPU of every layout and batch that keeps the promises, each by an estimate of its own."""
    config = model[name].inputs
    found = {}
    for t, g, e in itertools.product(range(1, size + 1), repeat=3):
        experts = config.get("n_experts", 1)
        if size % (t * g * e) or config["n_heads"] % t or experts % e or config["kv_shards"] % t and t % config["kv_shards"]:
            continue
        for c in (c for c in range(1, t + 1) if t // math.gcd(t, config["kv_shards"]) % c == 0):
            way = dict(zip(PARTS, (t, g, e, c)))
            room = estimate(name, card, **way, **given).get("sequences_that_fit", 0)
            for batch in range(1, int(room) + 1):
                one = estimate(name, card, **way, **given, batch=batch)
                if keeps(one):
                    found[t, g, e, c, batch] = one["users"] / (t * g * e)
    return found


@pytest.mark.parametrize(
    ("name", "card", "size", "context", "speed"),
    [("Llama-3.1-70B", "H100 SXM", 4, 60_000, 30), ("gpt-oss-120b", "H100 SXM", 2, 100_000, 60), ("Qwen3-8B", "RTX 4090", 2, 30_000, 0.1)],
)
def test_all_layouts_and_batches_by_hand_have_nothing_better(name, card, size, context, speed):
    hand = by_hand(name, card, size, lambda one: one["tokens_per_second_per_user"] >= speed, context=context)
    found = best(name, card, size, context=context, at_least={"tokens_per_second_per_user": speed})
    assert found.users / found.n_gpus == pytest.approx(max(hand.values()), rel=1e-9)
    assert found.estimate["tokens_per_second_per_user"] >= speed
    assert found.n_gpus == size


def test_no_layout_that_is_given_by_hand_is_cheaper():
    """300 layouts and batches at random, of models and GPUs at random."""
    chance = random.Random(12)
    answers = 0
    while answers < 300:
        name, card = (
            chance.choice(["Llama-3.1-8B", "Qwen3-235B-A22B", "DeepSeek-V3", "Mixtral-8x7B"]),
            chance.choice(["H200 SXM", "MI300X", "L40S"]),
        )
        given = {
            "context": chance.choice([2_000, 16_000, 100_000]),
            "prefix_hit": chance.choice([0, 0.9]),
            "duty_cycle": chance.choice([0.1, 1]),
        }
        size = chance.choice([1, 2, 4, 8, 16])
        try:
            found = best(name, card, size, **given)
        except NapkinError:
            continue
        for _ in range(20):
            t = chance.choice([one for one in (1, 2, 4, 8) if size % one == 0])
            e = chance.choice([one for one in (1, 2, 4, 8) if size // t % one == 0 and model[name].inputs.get("n_experts", 1) % one == 0])
            one = estimate(name, card, tensor_parallel=t, expert_parallel=e, pipeline_parallel=size // t // e, **given)
            if one.fits:
                batch = chance.randint(1, int(one["sequences_that_fit"]))
                one = estimate(**one.scenario.given, model=name, gpu=card, batch=batch)
                assert one["users"] <= found.users, (name, card, given, one.scenario.given)
                answers += 1


def test_the_frontier_is_what_nothing_beats():
    found = best("DeepSeek-V3", "H200 SXM", 16, context=8_000)
    points = [point for curve in found.curves.values() for point in curve]
    front = found.frontier
    assert len(points) == found.looked_at and front[0].tokens_per_second_per_user == max(one.tokens_per_second_per_user for one in points)
    for one in front[:: max(1, len(front) // 50)]:
        speed, per_gpu = one[:2]
        assert not any(p[0] > speed and p[1] > per_gpu for p in points)
        here = estimate("DeepSeek-V3", "H200 SXM", context=8_000, batch=one.batch, **_parts(one.layout))
        assert here["tokens_per_second_per_user"] == pytest.approx(speed)
        assert here["tokens_per_second"] / 16 == pytest.approx(per_gpu) or here["n_gpus"] < 16
    by_speed = [one.tokens_per_second_per_gpu for one in front]
    assert by_speed == sorted(by_speed)
    rent = gpu["H200 SXM"].gpu_hour_price
    assert front[-1].dollars_per_million_tokens == pytest.approx(rent / 3600 / front[-1].tokens_per_second_per_gpu * 1e6)


def _parts(label):
    short = {"TP": "tensor_parallel", "PP": "pipeline_parallel", "EP": "expert_parallel", "CP": "context_parallel"}
    return {short[one[:2]]: int(one[2:]) for one in label.split("·") if one != "one GPU"}


def test_promised_users_are_served_by_as_few_gpus_as_will_do():
    asked = {"context": 8_000, "weight_bits": 8}
    promises = {"at_least": {"users": 5_000, "tokens_per_second_per_user": 30}, "at_most": {"time_to_first_token": 2}}
    found = best("Llama-3.3-70B", "H100 SXM", **asked, **promises)
    one = found.estimate
    assert one["tokens_per_second_per_user"] >= 30 and one["time_to_first_token"] <= 2
    assert found.users == found.replicas * one["users"] >= 5_000 > (found.replicas - 1) * one["users"]
    assert found.n_gpus == found.replicas * one["n_gpus"]
    assert found.cost_per_month == pytest.approx(found.n_gpus * gpu["H100 SXM"].gpu_hour_price * 720)
    for t in (2, 4, 8):  # as many replicas of each as are needed, at the largest batch that is quick enough
        most = best("Llama-3.3-70B", "H100 SXM", tensor_parallel=t, pipeline_parallel=1, **asked, **promises)
        assert most.n_gpus >= found.n_gpus and most.estimate["n_gpus"] == t
        each = {**asked, "tensor_parallel": t}
        for batch in range(1, int(estimate("Llama-3.3-70B", "H100 SXM", **each)["sequences_that_fit"]) + 1):
            one = estimate("Llama-3.3-70B", "H100 SXM", **each, batch=batch)
            if one["tokens_per_second_per_user"] >= 30 and one["time_to_first_token"] <= 2:
                assert t * math.ceil(5_000 / one["users"]) >= most.n_gpus


def test_gpus_and_models_are_chosen_by_their_rent():
    asked = {"context": 20_000, "at_least": {"users": 100}}
    bills = {card: best("Qwen3-32B", card, **asked).cost_per_month for card in ("H100 SXM", "B200 SXM", "RTX 4090")}
    cheapest = min(bills, key=bills.get)
    found = best("Qwen3-32B", list(bills), **asked)
    assert found.estimate.gpu.name == cheapest and found.cost_per_month == bills[cheapest]
    assert best(["Qwen3-32B", "Qwen3-8B"], "H100 SXM", **asked).estimate.model.name == "Qwen3-8B"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"gpu": "H100 SXM", "n_gpus": 2, "model": "Llama-3.1-405B"}, r"no layout of 2 × H100 SXM has room for one conversation"),
        ({"at_least": {"tokens_per_second_per_user": 1e6}}, r"of at least 1,000,000 tokens/s: the most is \d+ tokens/s"),
        ({"at_least": {"tokens_per_second_per_user": 300}, "at_most": {"n_gpus": 1}}, r"each alone can be had"),
        ({"at_most": {"bogus": 1}}, r"no formula called 'bogus'"),
        ({"at_least": 5}, r"at_least must be a dict"),
        ({"at_least": {"users": -1}}, r"users must be"),
        ({"n_gpus": 0}, r"n_gpus must be a whole number, at least 1, got 0"),
        ({"n_gpus": "eight"}, r"n_gpus must be a whole number, at least 1, got 'eight'"),
        ({"n_gpus": math.nan}, r"n_gpus must be a whole number, at least 1, got nan"),
        ({"model": "Qwen3-8B", "gpu": "H100 SXM", "tensor_parallel": 3}, r"no layout of up to 64 GPUs .* has tensor_parallel=3"),
        ({"model": "Qwen3-8B", "gpu": ["H100 SXM", "V100 32GB"]}, r"which GPU is the cheapest cannot be told: no rent is published"),
        ({"gpu": []}, r"best needs at least one model and one GPU"),
    ],
)
def test_what_cannot_be_kept_is_said_in_a_sentence(asked, said):
    with pytest.raises(NapkinError, match=said):
        best(**{**PLAIN, **{name: value for name, value in asked.items() if value is not None}})


def test_what_is_given_is_not_varied():
    found = best("Qwen3-32B", "H100 SXM", 8, tensor_parallel=4, batch=16, context=8_000)
    assert found.layout.startswith("TP4") and found.batch == 16 and found.n_gpus == 8
    assert {point.batch for curve in found.curves.values() for point in curve} == {16}


def test_it_is_asked_in_a_terminal(capsys):
    promises = ["--at-least", "users=5k", "--at-least", "tokens-per-second-per-user=30", "--at-most", "time_to_first_token=2s"]
    assert main(["--model", "Llama-3.3-70B", "--gpu", "H100", "--context", "8k", "--weight-bits", "8", *promises, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = best("Llama-3.3-70B", "H100", context=8_000, weight_bits=8, at_least={"users": 5_000, "tokens_per_second_per_user": 30},
                 at_most={"time_to_first_token": 2})  # fmt: skip
    assert told["n_gpus"] == found.n_gpus and told["layout"] == found.layout
    assert main(["--at-least", "users"]) == 2
    assert "must be RESULT=NUMBER" in capsys.readouterr().err
    assert main(["--at-most", "user=3"]) == 2
    assert "did you mean 'users'" in capsys.readouterr().err
