"""A request against a GPU that is played through: it reads prompts one by one, and between them writes a token for everyone."""

import pytest

from napkin import NapkinError, estimate, solve_for
from napkin.capacity import tokens_per_second, users
from napkin.many_tokens import time_to_first_token
from napkin.request import (
    active_fraction,
    answer_seconds,
    cost_per_million_answered_tokens,
    cost_per_million_input_tokens,
    cost_per_request,
    input_tokens_per_second,
    loaded_time_per_output_token,
    longest_gap,
    output_tokens_per_second,
    prompt_seconds,
    prompt_share,
    request_seconds,
    requests_per_second,
    turns_of_duty_cycle,
    users_in_time,
    users_that_fit,
)

CHAT = {"context": 20_000, "duty_cycle": 0.2}
#: Attention in 16 bits, as servers do it.
SERVED = {**CHAT, "count_attention": 1, "attention_peak_flops": 2.25e15}


def played(prompt, step, places, output, requests):
    """Seconds, and the mean time between two tokens of an answer: whoever leaves is followed by somebody whose prompt is read first."""
    left = [1 + output * place // places for place in range(places)]  # they do not all end at once
    now = waited = tokens = done = 0
    while done < requests:
        for place in range(places):
            if left[place] == 0:
                now, left[place], done = now + prompt, output, done + 1
                waited += prompt * (places - 1)
        now += step
        waited += step * places
        tokens += places
        left = [one - 1 for one in left]
    return now / done, waited / tokens


@pytest.mark.parametrize(("prompt_tokens", "hit", "output", "batch"), [(20_000, 0, 500, 61), (20_000, 0.9, 200, 61), (1_000, 0, 50, 16)])
def test_a_request_as_it_is_played(prompt_tokens, hit, output, batch):
    given = {"context": 20_000, "prompt": prompt_tokens, "prefix_hit": hit, "output_tokens": output, "batch": batch}
    one = estimate(count="article", **given)
    each, between = played(one["prompt_seconds"], one["step_seconds"], batch, output, 20 * batch)
    assert one["request_seconds"] == pytest.approx(each, rel=0.02)
    assert one["requests_per_second"] == pytest.approx(1 / each, rel=0.02)
    # the formula counts one's own prompt as waiting too: a part of 1/batch of all prompts
    assert one["loaded_time_per_output_token"] == pytest.approx(between, rel=0.02 + 1 / batch)


def test_the_headline_leaves_no_time_to_read():
    """305 users of the article; by hand, 464 ms + 500 × 24 ms / 61 a request, and each user asks once a minute: 89."""
    assert users(**CHAT) == users_that_fit(**CHAT) == 305
    prompt = 20_000 * 64e9 / 4.5e15 + 4 * 64 * 64 * 128 * 20_000 * 20_001 / 2 / 2.25e15
    answer = 500 * (32e9 + 61 * 20_000 * 131_072) / 8e12
    assert request_seconds(**SERVED) == pytest.approx(prompt + answer / 61, rel=1e-9)
    assert prompt_share(**SERVED) == pytest.approx(prompt / (prompt + answer / 61)) and prompt_share(**SERVED) > 0.69
    once_a_minute = {**SERVED, "count_prompts": 1, "turns_per_hour": 60}
    assert users(**once_a_minute) == int(60 / (prompt + answer / 61)) == 89
    # a fifth of the time, of which one's own prompt is a part
    assert turns_of_duty_cycle(**SERVED) == pytest.approx(0.2 * 3600 / (prompt + answer), rel=1e-9)
    assert users(**SERVED, count_prompts=1) == int((prompt + answer) / (prompt + answer / 61) / 0.2) == 93
    assert users(**once_a_minute, prefix_hit=0.99) < 305
    assert users(**SERVED, count_prompts=1, prompt=1, output_tokens=5_000) <= 305


def test_one_user_who_never_leaves_is_always_served():
    for batch in (1, 2, 7):
        found = users(context=20_000, batch=batch, count_prompts=1)
        assert 1 <= found <= batch


def test_parts_are_the_whole():
    for more in ({}, {"tensor_parallel": 4}, {"pipeline_parallel": 2}, {"batch": 3}, {"prefix_hit": 0.5, "chunk_tokens": 512}):
        given = {**SERVED, **more}
        assert prompt_seconds(**given) + answer_seconds(**given) == pytest.approx(request_seconds(**given))
        assert requests_per_second(**given) * request_seconds(**given) == pytest.approx(1)
        assert input_tokens_per_second(**given) == pytest.approx(requests_per_second(**given) * 20_000)
        assert output_tokens_per_second(**given) == pytest.approx(requests_per_second(**given) * 500)
        assert output_tokens_per_second(**given) < tokens_per_second(**given)
        # dollars of input and of output make the dollars of the request
        rent = 4 * given.get("tensor_parallel", 1) * given.get("pipeline_parallel", 1)
        answer = rent / 3600 * 500 / tokens_per_second(**given)
        assert cost_per_million_input_tokens(**given) * 0.02 + answer == pytest.approx(cost_per_request(**given))
        assert cost_per_million_answered_tokens(**given) == pytest.approx(cost_per_request(**given) / 500 * 1e6)


def test_the_duty_cycle_and_the_turns_are_one():
    turns = turns_of_duty_cycle(**CHAT)
    assert active_fraction(context=20_000, turns_per_hour=turns) == pytest.approx(0.2)
    assert users_that_fit(context=20_000, turns_per_hour=turns) == users_that_fit(**CHAT)
    assert users_that_fit(context=20_000, turns_per_hour=2 * turns) == pytest.approx(users_that_fit(**CHAT) / 2, abs=1)


def test_users_are_the_least_of_three():
    fit, time = users_that_fit(**SERVED), users_in_time(**SERVED)
    assert users(**SERVED, count_prompts=1) == min(fit, time)
    assert users_that_fit(**SERVED, batch=10) == 50
    for batch in (1, 5, 20, 61):
        one = estimate(count=["prompts"], batch=batch, **{**CHAT, "prefix_hit": 0.99})
        assert one["users"] == min(one["users_that_fit"], one["users_in_time"])
        assert one["users_that_fit"] == batch * 5
    told = "The batch that is given limits the users: it takes 10 conversations of the 61"
    assert told in estimate(count=["prompts"], batch=10, prefix_hit=0.999, **CHAT).limit
    as_in_the_article = estimate(count="article", batch=10, **CHAT)  # whose users are those that fit, whatever the batch
    assert told not in as_in_the_article.limit and as_in_the_article["users"] == 305
    assert "Time limits the users" in estimate("Qwen3-32B", "B200 SXM", **CHAT).limit
    assert "Memory capacity limits the users" in estimate("Qwen3-32B", "B200 SXM", count="article", **CHAT).limit


def test_longer_never_helps_and_more_never_hurts():
    base = estimate("Llama-3.1-8B", "H100 SXM", context=8_000, prompt=8_000)
    for name in ("prompt", "output_tokens"):
        worse = estimate("Llama-3.1-8B", "H100 SXM", **{"context": 8_000, "prompt": 8_000, name: 2 * base[name]})
        assert worse["requests_per_second"] < base["requests_per_second"] and worse["cost_per_request"] > base["cost_per_request"]
    for name in ("memory", "bandwidth"):
        better = estimate("Llama-3.1-8B", "H100 SXM", context=8_000, prompt=8_000, **{name: 2 * base[name]})
        assert better["requests_per_second"] >= base["requests_per_second"] * (1 - 1e-12)


def test_a_chunk_is_what_the_others_wait_for():
    """20,000 tokens at once stop everyone for the whole prompt; a tenth of it for about a tenth."""
    at_once = longest_gap(**CHAT)
    assert at_once == pytest.approx(time_to_first_token(**CHAT) + estimate(count="article", **CHAT)["step_seconds"])
    assert longest_gap(**CHAT, chunk_tokens=2_000) == pytest.approx(at_once - 0.9 * time_to_first_token(**CHAT), rel=1e-6)
    assert loaded_time_per_output_token(**CHAT) == pytest.approx(61 * request_seconds(**CHAT) / 500)


def test_turns_are_asked_backwards():
    found = solve_for("turns_per_hour", users=100, count=["prompts"], context=20_000)
    assert users(context=20_000, count_prompts=1, turns_per_hour=found) in (100, 101)


def test_what_does_not_fit_serves_no_request():
    with pytest.raises(NapkinError, match="does not fit"):
        request_seconds(context=10_000_000)
