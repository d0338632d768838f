"""Chapter 9: a whole request, its prompt and its answer: what it takes of a GPU, how many a second, and what each costs."""

from .capacity import users
from .cost import SECONDS_PER_HOUR, TOKENS_PER_MILLION
from .language.formulas import formula, replaces, sequence, token, unit
from .language.operations import smallest, whole

request = unit("request")


# What it takes


@formula(r"t_{\mathrm{p}}", "second", label="a prompt's time of the GPU")
def prompt_seconds(time_to_first_token):
    """Time for which a prompt keeps the GPU from everything else; each part of a pipeline, or group, only a share of it."""
    return time_to_first_token


@formula(r"t_{\mathrm{o}}", "second/request", label="an answer's share of the steps")
def answer_seconds(output_tokens, tokens_per_second):
    """Time of the GPU that an answer takes, when every step is shared by the whole batch."""
    return output_tokens / tokens_per_second


@formula(r"t_{\mathrm{req}}", "second/request", label="a request's time of the GPU")
def request_seconds(prompt_seconds, answer_seconds):
    """Time of the GPU that a request takes: its prompt, and its answer's share of the steps."""
    return prompt_seconds / request + answer_seconds


@formula(r"\psi", "percent", label="the prompt's part of it")
def prompt_share(prompt_seconds, request_seconds):
    """Part of a request's time that goes into its prompt."""
    return prompt_seconds / (request_seconds * request)


@formula(r"\lambda", "request/second", label="requests a second", digits=3)
def requests_per_second(request_seconds):
    """Requests that are read and answered in a second, when the GPU never idles."""
    return 1 / request_seconds


@formula(r"r_{\mathrm{in}}", "token/second", label="prompt tokens a second, served", digits=4)
def input_tokens_per_second(requests_per_second, prompt):
    """Tokens of prompts served in a second, those found in the cache among them."""
    return requests_per_second * prompt / request


@formula(r"r_{\mathrm{out}}", "token/second", label="output tokens a second, served", digits=4)
def output_tokens_per_second(requests_per_second, output_tokens):
    """New tokens a second when the prompts are read in between."""
    return requests_per_second * output_tokens


# What it means for the others


@formula(r"t_{\mathrm{c}}", "second", label="a chunk's time")
def chunk_seconds(prompt_seconds, prefill_chunks):
    """Time that a chunk of somebody's prompt adds to the step that it joins."""
    return prompt_seconds / prefill_chunks


@formula(r"t_{\mathrm{gap}}", "second", label="longest gap between two tokens")
def longest_gap(chunk_seconds, step_seconds):
    """What everyone waits for the next token while a chunk of somebody's prompt is read."""
    return chunk_seconds + step_seconds


@formula(r"t_{\mathrm{mean}}", "second", label="time an output token, prompts in between")
def loaded_time_per_output_token(prompt_seconds, time_per_output_token, batch, output_tokens):
    """Mean time between two tokens of one answer when the batch is kept full: while one is written, everyone in it brings a prompt."""
    return batch * prompt_seconds / output_tokens * (token / sequence / request) + time_per_output_token


# Users


@formula(r"t_{\mathrm{turn}}", "second", label="time of a turn")
def turn_seconds(time_to_first_token, output_tokens, time_per_output_token):
    """What a user waits for a whole answer where nobody else's prompt comes between: the prompt, and then token after token."""
    return time_to_first_token + output_tokens * time_per_output_token * (request / token)


@formula(r"\lambda_{\mathrm{u}}", "request/user/hour", label="turns an hour that the duty cycle means")
def turns_of_duty_cycle(duty_cycle, turn_seconds):
    """How often a user asks who is being served for this part of the time."""
    return duty_cycle * SECONDS_PER_HOUR / turn_seconds * (request / sequence)


@formula(r"\delta_{\lambda}", "sequence/user", label="duty cycle that the turns mean")
def active_fraction(turns_per_hour, turn_seconds):
    """Part of the time in which a user is being served: turns an hour, times the time of each."""
    return turns_per_hour * turn_seconds / SECONDS_PER_HOUR * (sequence / request)


@formula(r"U_{\mathrm{fit}}", "user", whole=True, label="users whose conversations fit")
def users_that_fit(sequences_that_fit, batch, active_fraction):
    """Users who share the conversations that fit, or those that are taken into a batch, each there for the time of their turns."""
    return whole(smallest(sequences_that_fit, batch) / active_fraction)


@formula(r"U_{\mathrm{time}}", "user", whole=True, label="users whom the time allows")
def users_in_time(requests_per_second, turns_per_hour):
    """Users whose requests the GPU gets done, prompts and answers, when it never idles."""
    return whole(requests_per_second * SECONDS_PER_HOUR / turns_per_hour)


@replaces(
    users,
    "count_prompts",
    otherwise="no time for one user: a request takes {request_seconds} of the GPU, and a user sends {turns_per_hour}",
)
def users_in_room_and_time(users_that_fit, users_in_time):
    """The fewer of those whose conversations fit and those whose requests get done."""
    return smallest(users_that_fit, users_in_time)


# Money


@formula(r"c_{\mathrm{req}}", "dollar/request", label="rent for a request")
def cost_per_request(gpu_hour_price, request_seconds):
    """Rent for the time that a request takes of the GPU."""
    return gpu_hour_price * request_seconds / SECONDS_PER_HOUR


@formula(r"c_{\mathrm{in}}", "dollar/million_tokens", label="rent for a million input tokens")
def cost_per_million_input_tokens(gpu_hour_price, prompt_seconds, prompt):
    """Rent for the time that a million tokens of prompts take, those found in the cache among them."""
    return gpu_hour_price * prompt_seconds / SECONDS_PER_HOUR / prompt * TOKENS_PER_MILLION


@formula(r"c_{\mathrm{all}}", "dollar/million_tokens", label="rent for a million output tokens, prompts included")
def cost_per_million_answered_tokens(cost_per_request, output_tokens):
    """Rent for a million new tokens and all prompts that they answer."""
    return cost_per_request / output_tokens * TOKENS_PER_MILLION
