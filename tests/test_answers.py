"""What the page answers, in node: each value, or the one reason why there is none, as the package answers."""

import warnings

import pytest

import napkin
from napkin import FORMULAS, INPUTS, NapkinError, estimate
from napkin.language.graph import BOOK
from napkin.several_gpus import LAYOUT
from tests import node
from tests.browser import Watched
from tests.oracle import random_scenario
from tests.test_scenario import a_scenario, given_to_estimate

NAMES = [*FORMULAS, *(name for name, known in INPUTS.items() if known.computed and name != "attention_peak_flops")]
#: Given elsewhere, or not to be given at random.
APART = ("n_heads", "n_kv_heads", "n_experts", "experts_per_token", "as_the_article", *LAYOUT)
ANSWERS = """({ Scenario, book }, all, names) => all.map((one) => {
  const now = new Scenario(book, one).case();
  return names.map((name) => now.answer(name)).map(({ value, why }) => value ?? why);
})"""


def scenarios_of(chance):
    """Scenarios of which many do not fit, or lack a published fact: every model, every GPU, layouts, switches, batches."""
    for model in ("", *napkin.model.choices):
        for gpu in chance.sample(napkin.gpu.choices, 3) + [chance.choice(["A100 80GB SXM", "GH200 (144GB HBM3e)", "TPU 8i", "Apple M4 Max"])]:
            one = a_scenario(chance)
            one["given"] = {name: value for name, value in one["given"].items() if chance.random() < 0.3 and name not in APART}
            extra = random_scenario([name for name in (*BOOK.switches, "batch", "context", "weight_bits", "kv_bits", "prompt") if chance.random() < 0.15 and name in INPUTS], chance)
            extra = {name: value for name, value in extra.items() if name not in APART}
            one["given"].update(extra, **{name: chance.choice([2, 4]) for name in LAYOUT if chance.random() < 0.2})
            yield {**one, "model": model, "gpu": gpu}


def test_the_page_gives_the_value_or_the_reason_that_the_package_gives(chance):
    scenarios = list(scenarios_of(chance))
    found = node.run("scenario", ANSWERS, scenarios, NAMES)
    reasons = set()
    for one, answers in zip(scenarios, found):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                made = estimate(**given_to_estimate(one))
            except NapkinError:
                continue  # what does not go together stays as it was on the page, and is refused by the package
        for name, answer in zip(NAMES, answers):
            try:
                expected = made[name]
            except NapkinError:
                expected = made.reason(name).partition(";")[0]
                reasons.add(expected.split(" ")[0])
                assert answer == expected, (name, one)
            else:
                assert answer == pytest.approx(expected, rel=1e-9), (name, one)
    assert reasons >= {"no", "does"}


def test_bar_and_playgrounds_give_the_reason_that_concerns_the_quantity(chromium, book):
    """DeepSeek-V3 on an A100: no rate is published for its format, and it does not fit; each quantity says what keeps it."""
    made = estimate("DeepSeek-V3", "A100 80GB SXM", context=20_000, duty_cycle=0.2)
    with Watched(chromium, book["http"]) as watched:
        page = watched.page
        page.goto(f"{book['http']}/chapters/index.html#model=DeepSeek-V3&gpu=A100+80GB+SXM")
        told = page.eval_on_selector_all("#napkin-scenario .napkin-value", "all => all.map((one) => [one.dataset.name, one.textContent])")
        told += page.eval_on_selector_all("figure output", "all => all.map((one) => [one.name, one.textContent])")
        told = [(name, text) for name, text in told if text]
        assert {name for name, _ in told} >= {"users", "tokens_per_second"}
        for name, text in told:
            assert text == made.text(name).partition(";")[0], name
        assert not watched.faults, watched.faults
