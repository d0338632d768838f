"""One scenario for the whole book, in a real browser without a network: pages, reloads, links, copies, comparison, print."""

import io
import json
import math
import re
import subprocess
import sys
import urllib.parse
import warnings

import pypdf
import pytest

import napkin
from napkin import INPUTS, NapkinError, estimate, evaluate, show
from napkin.language.graph import BOOK
from napkin.language.sentences import Field, worth
from napkin.page.knowledge import CHAT
from napkin.questions.scenario import GPU_FACTS, GPU_PRICES, Scenario
from tests import node
from tests.browser import pages, unfolded
from tests.oracle import a_scenario, expression_from

BAR = "#napkin-scenario"


def visit(page, name, link=""):
    """Go to another page of the book, as a reader does who follows a link of it."""
    here = page.url.split("#")[0].rsplit("/", 1)[0]
    page.goto("about:blank")  # a change of what follows the # alone would load nothing
    page.goto(f"{here}/{name}.html{link}")


def told(page):
    """What the bar says: the two results as numbers, None where there is a reason instead."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("#napkin-scenario .napkin-value")]
          .map((one) => [one.dataset.name, one.dataset.value === undefined ? null : Number(one.dataset.value)]))"""
    )


def in_force(page):
    return page.evaluate("JSON.parse(JSON.stringify(napkinStore.scenario))")


def test_what_is_set_holds_on_every_page_and_after_a_reload(opened):
    page = unfolded(opened("index"))
    page.locator("#playground-whole-napkin [name=gpu]").select_option("H200 SXM")
    page.locator("#playground-whole-napkin [data-types=context]").fill("12,345")
    page.keyboard.press("Tab")
    page.locator("#playground-whole-napkin [name=gpu_hour_price]").focus()
    page.keyboard.press("ArrowLeft")
    rent = float(page.locator("#playground-whole-napkin [name=gpu_hour_price]").get_attribute("data-value"))
    assert rent != INPUTS["gpu_hour_price"].default
    set_ = {"context": 12_345, "gpu_hour_price": rent}
    expected = estimate(gpu="H200 SXM", duty_cycle=0.2, **set_)
    for name in pages():
        visit(page, name.removeprefix("chapters/"))
        page.locator(f"{BAR} summary").wait_for()
        assert told(page) == pytest.approx({one: expected[one] for one in ("users", "cost_per_user_month")}, rel=1e-12)
        assert "H200 SXM" in page.locator(f"{BAR} summary").inner_text() and "12,345 tokens" in page.locator(f"{BAR} summary").inner_text()
        for inputs in page.eval_on_selector_all("figure.napkin-playground", "all => all.map((one) => JSON.parse(one.dataset.inputs))"):
            assert {one: inputs[one] for one in set_ if one in inputs} == {one: set_[one] for one in set_ if one in inputs}
            assert inputs.get("memory", expected.inputs["memory"]) == expected.inputs["memory"]
        page.reload()
        assert told(page)["users"] == expected["users"]
    page.locator(f"{BAR} summary").click()
    page.get_by_role("button", name="Start again").click()
    assert told(page)["users"] == 305
    page.reload()
    assert told(page)["users"] == 305


def test_files_without_a_server_carry_the_scenario_too(opened):
    page = opened("index", how="file")
    page.locator("#playground-whole-napkin [data-types=context]").fill("7000")
    page.keyboard.press("Tab")
    users = told(page)["users"]
    assert users == estimate(count="article", context=7000, duty_cycle=0.2)["users"]
    page.evaluate("localStorage.clear(); napkinStore.write = () => {}")  # as where every file has a storage of its own
    page.locator("nav a[href='05_users.html']").first.click()
    page.wait_for_url("**/05_users.html*")
    assert told(page)["users"] == users
    assert "context" not in page.url, "the address is clean again, or a reload would bring the link back"


def test_links_give_back_200_scenarios_bit_for_bit(opened, chance):
    scenarios = [a_scenario(chance) for _ in range(200)]
    assert any(value in (INPUTS[name].low, INPUTS[name].high) for one in scenarios for name, value in one["given"].items())
    links = node.run("scenario", "({ Scenario, book }, all) => all.map((one) => new Scenario(book, one).link)", scenarios)
    again = node.run("scenario", "({ Scenario, book }, all) => all.map((one) => Scenario.fromLink(book, one))", links)
    for one, link, found in zip(scenarios, links, again):
        assert found["ignored"] == 0, link
        given = found["scenario"].pop("given")
        assert {name: float(value) for name, value in given.items()} == {name: float(value) for name, value in one["given"].items()}, link
        assert found["scenario"] == {"model": one["model"], "gpu": one["gpu"]}, link
    page = opened("05_users")
    for one, link in list(zip(scenarios, links))[:12]:
        visit(page, chance.choice(pages()).removeprefix("chapters/"), "#" + link)
        before = page.evaluate("(one) => JSON.stringify(Object.entries(one.given).sort())", one)
        for _ in range(2):
            assert page.evaluate("JSON.stringify(Object.entries(napkinStore.scenario.given).sort())") == before
            page.reload()


@pytest.mark.parametrize(
    "changes",
    [
        [{"peak_flops": 1e13}, {"weight_bits": 32}],
        [{"peak_flops": 1e17}, {"weight_bits": 4}],
        [{"experts_per_token": 8}],
        [{"parameters": 130_000_000_000}],
        [{"count_weights": 1}],
        [{"count_formats": 0}],
        [{"count_weights": 1}, {"count_weights": 0}],
        [{"n_kv_heads": 6}],
    ],
)
def test_a_reload_changes_nothing(changes):
    """What a playground of chapter 7 sets is there again, in it and in every other; and as Python it can be run."""
    start = {
        "n_experts": 128,
        "experts_per_token": 4,
        "expert_parameters": 110e9,
        "parameters": 117e9,
        "peak_flops": 4.5e15,
        "weight_bits": 8,
        "count_weights": 0,
        "count_formats": 1,
        "n_heads": 48,
        "n_kv_heads": 8,
    }
    before, after, python = node.run(
        "scenario",
        """({ Scenario, book }, changes, start) => {
          const made = changes.reduce((one, change) => one.with(change, start, new Set()), new Scenario(book));
          const seen = (one) => [one.resolve(start, new Set()).inputs, one.case().inputs];
          return [seen(made), seen(Scenario.fromLink(book, made.link)?.scenario || new Scenario(book)), made.python];
        }""",
        changes,
        start,
    )
    assert after == before and {**before[0], **changes[-1]} == before[0]
    assert eval(python, {"napkin": napkin})["users"]


def test_copies_give_the_same_numbers(chance):
    """What is copied as Python is run as Python, and what is copied as a command is run as one."""
    scenarios = [a_scenario(chance) for _ in range(150)]
    names = ["users", "cost_per_user_month", "tokens_per_second", "time_to_first_token"]
    found = node.run(
        "scenario",
        """({ Scenario, book }, all, names) => all.map((one) => {
          const scenario = new Scenario(book, one);
          const now = scenario.case();
          return [scenario.python, scenario.command, names.map((name) => now.answer(name).value ?? null)];
        })""",
        scenarios,
        names,
    )
    answered = 0
    for python, _, numbers in found:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = eval(python, {"napkin": napkin})
        for name, number in zip(names, numbers):
            try:
                expected = made[name]
            except NapkinError:
                assert number is None, (python, name)
                continue
            answered += 1
            assert number == pytest.approx(expected, rel=1e-11), (python, name)
    assert answered > 200
    for _, command, numbers in found[:4]:
        shown = subprocess.run(
            command.replace("python", sys.executable, 1) + " --json", shell=True, capture_output=True, text=True, check=True
        )
        quantities = json.loads(shown.stdout)["quantities"]
        for name, number in zip(names, numbers):
            assert quantities[name]["value"] == (None if number is None else pytest.approx(number, rel=1e-11)), command


def test_the_copy_buttons_copy(opened):
    page = opened("05_users", "#model=qwen3_32b&gpu=h100&context=20000")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(f"{BAR} summary").click()
    for button, text in (
        ("Copy as Python", 'napkin.estimate("Qwen3-32B", "H100 SXM", context=20000, duty_cycle=0.2)'),
        ("Copy as command line", "python -m napkin --model Qwen3-32B --gpu 'H100 SXM' --context 20000 --duty-cycle 0.2"),
        ("Copy link", page.url + "#model=Qwen3-32B&gpu=H100+SXM&context=20000"),
    ):
        page.get_by_role("button", name=button).click()
        page.get_by_text("Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.locator(".napkin-copy").input_value() == text


HOSTILE = {
    "nonsense=1": 0,
    "context=NaN": 0,
    "context=Infinity": 0,
    "context=-5": 0,
    "context=1e400": 0,
    "context=0x10": 0,
    "context=20000.5": 0,
    "context=99": 0,
    "context=1000001": 0,
    "weight_bits=50": 0,
    "model=GPT-17": 0,
    "gpu=<img src=x onerror=window.hit=1>": 0,
    "model=<script>window.hit=1</script>": 0,
    "__proto__=1": 0,
    "constructor=2": 0,
    "toString=3": 0,
    "model=constructor": 0,
    "gpu=__proto__": 0,
    "context=%E0%A4%A": 0,
    "context=1=2": 0,
    "count=everything": 0,
    "as_the_article=1": 0,
    "users=300": 0,
    "context=5000&n_kv_heads=7": 1,
    "context=5000&gpu=nothing&duty_cycle=2": 1,
    "context=5000&context=<b>": 1,
    "&&&=&=&context=5000": 1,
    "context=5000&" + "x" * 100_000: 0,
    "x=javascript:window.hit=1": 0,
    "context=５０００": 0,
    "context= 5000": 0,
}


def test_hostile_links_are_ignored_part_by_part(opened):
    """Pasted into the address of an open page; every seventh is also opened as a page of its own."""
    page = opened("05_users")
    for i, (link, kept) in enumerate(HOSTILE.items()):
        page.evaluate("napkinStore.replace({ model: '', gpu: '', given: { duty_cycle: 0.5 } }); napkinStore.save()")
        hash_ = "#" + urllib.parse.quote(link, safe="=&%._:")
        if i % 7:
            page.evaluate("(hash) => { location.hash = hash; }", hash_)
            page.wait_for_function("napkinStore.notice !== ''")
        else:
            visit(page, "05_users", hash_)
        assert in_force(page) == {"model": "", "gpu": "", "given": {"context": 5000} if kept else {"duty_cycle": 0.5}}, link
        said = page.locator(".napkin-notice").text_content()
        assert said.startswith("The scenario is the link’s." if kept else "The link holds no scenario"), link
        assert page.evaluate("window.hit") is None, link
        assert page.locator(f"{BAR} img, {BAR} script, {BAR} b").count() == 0
        assert page.evaluate("Object.keys({}.__proto__).length === 0 && ({}).context === undefined")


def test_an_address_of_a_section_is_no_scenario(opened):
    page = opened("05_users", "#full-is-full")
    assert page.url.endswith("#full-is-full") and page.locator(".napkin-notice").text_content() == ""


def test_what_was_stored_is_read_as_warily_as_a_link(opened):
    page = opened("05_users")
    for text in ("context=<b>", "{}", "context=NaN&memory=1e99", "x" * 1_000_000, "model=__proto__"):
        page.evaluate(
            "(text) => { napkinStore.save = () => {}; localStorage.setItem('napkin-scenario', text); localStorage.setItem('napkin-kept', text); }",
            text,
        )
        page.reload()
        assert in_force(page) == {"model": "", "gpu": "", "given": {}}
        assert told(page)["users"] == 305


def test_two_open_pages_agree(opened):
    first = opened("05_users")
    second = first.context.new_page()
    second.goto(first.url)
    first.locator("#playground-full-gpu [data-types=context]").fill("5000")
    first.keyboard.press("Tab")
    second.wait_for_function("JSON.parse(document.getElementById('playground-full-gpu').dataset.inputs).context === 5000")


def test_reset_of_one_playground_leaves_what_it_does_not_show(opened):
    page = opened("06_cost", "#context=5000&kv_bits=16&rows=1000")
    page.locator("#playground-rent-or-own .napkin-reset").click()
    assert in_force(page)["given"] == {"rows": 1000}


def test_a_fact_that_nobody_publishes_is_said(opened):
    page = unfolded(opened("05_users", "#gpu=Apple+M3+Ultra&context=20000"))
    figure = page.locator("#playground-users-of-one-gpu")
    assert figure.locator("output[name=tokens_per_second]").inner_text() == "—"
    assert figure.locator(".napkin-reason").inner_text() == "no fp8 rate is published for the Apple M3 Ultra"
    assert figure.locator("output[name=sequences_that_fit]").get_attribute("data-value") == str(
        estimate(gpu="Apple M3 Ultra", context=20_000, duty_cycle=0.2)["sequences_that_fit"]
    )
    visit(page, "05_users", "#gpu=A100+80GB+SXM&context=20000")
    assert "No fp8 rate is published for the A100 80GB SXM: it multiplies at its bf16 rate." in figure.locator(".napkin-notes").inner_text()
    with pytest.warns(UserWarning, match="it multiplies at its bf16 rate"):
        expected = estimate(gpu="A100 80GB SXM", context=20_000, duty_cycle=1)["tokens_per_second"]
    assert float(figure.locator("output[name=tokens_per_second]").get_attribute("data-value")) == pytest.approx(expected, rel=1e-12)


def test_bar_and_playgrounds_give_the_reason_that_concerns_the_quantity(opened):
    """DeepSeek-V3 on an A100: no rate is published for its format, and it does not fit; each quantity says what keeps it."""
    made = estimate("DeepSeek-V3", "A100 80GB SXM", context=20_000, duty_cycle=0.2)
    page = opened("index", "#model=DeepSeek-V3&gpu=A100+80GB+SXM")
    said = page.eval_on_selector_all(f"{BAR} .napkin-value", "all => all.map((one) => [one.dataset.name, one.textContent])")
    said += page.eval_on_selector_all("figure output", "all => all.map((one) => [one.name, one.title || one.textContent])")
    assert {name for name, text in said if text} >= {"users", "tokens_per_second"}
    for name, text in said:
        assert not text or text == made.text(name).partition(";")[0], name


def told_inputs(one, at):
    """The inputs of a sentence that starts from `at`, in the reader's scenario, as `estimate` resolves them."""
    named = {name: one[name] or None for name in ("model", "gpu")}
    brought = {*(napkin.model(one["model"]).inputs if one["model"] else ()), *((*GPU_FACTS, *GPU_PRICES) if one["gpu"] else ())}
    given = {**{name: value for name, value in at.items() if name not in brought}, **one["given"]}
    found = dict(Scenario.of(**named, count="all" if any(named.values()) else "article", **given).case.inputs)
    if "context" not in given:
        found.pop("context", None)  # a sentence that names none starts from the article's, not from the model's longest
    return found


def test_every_gpu_of_the_catalogue_is_told_on_the_first_page(opened):
    """Those without a published rate or bandwidth too: dashes and reasons, and nothing breaks."""
    page = opened("index")
    for name in napkin.gpu.choices:
        page.locator("#playground-whole-napkin [name=gpu]").select_option(name)
        assert name in page.locator(f"{BAR} summary").inner_text()
        users = told(page)["users"]
        assert users == pytest.approx(estimate(gpu=name, **CHAT)["users"]) if users is not None else True


def test_live_text_says_what_python_says(opened, chance):
    """Every number in sentences, arithmetic and tables, for scenarios that change everything."""
    links = [
        "context=5000&kv_bits=16",
        "model=gpt-oss-120b&gpu=H100+SXM&context=20000",
        "model=DeepSeek-V3&gpu=B200+SXM&tensor_parallel=8",
        "memory=80000000000&weight_bits=16&duty_cycle=0.5&gpu_hour_price=2.5",
        "context=1000000&memory=40000000000",
    ]
    page = opened("index")
    compared = 0
    for name in pages():
        for link in links:
            visit(page, name.removeprefix("chapters/"), "#" + link)
            one = in_force(page)
            for (expression, *how, at), text in page.eval_on_selector_all(
                "[data-tell]:not(.napkin-playground *)", "all => all.map((one) => [JSON.parse(one.dataset.tell), one.textContent])"
            ):
                field, given = Field(expression_from(expression), *how), told_inputs(one, at)
                if worth(field.term, given) == worth(field.term, given):
                    assert text == field.text(given), (name, link, expression)
                    compared += 1
                else:
                    assert not re.match(r"^[\d.,$]+( |$)", text), (name, link, expression, text)
    assert compared > 300


def test_what_changed_is_marked_for_a_moment(opened):
    page = opened("05_users")
    page.locator("#playground-full-gpu [name=context]").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#playground-full-gpu output.is-changed").count()
    page.wait_for_function("!document.querySelector('.is-changed')")
    calm = opened("05_users", reduced_motion="reduce")
    calm.locator("#playground-full-gpu [name=context]").focus()
    calm.keyboard.press("ArrowLeft")
    moving = calm.locator("#playground-full-gpu output.is-changed").first.evaluate("(one) => getComputedStyle(one).transitionDuration")
    assert set(moving.split(", ")) == {"0s"}


def test_two_scenarios_side_by_side(opened):
    page = opened("index")
    page.locator(f"{BAR} summary").click()
    page.get_by_role("button", name="Keep as A").click()
    page.locator("#napkin-bar-gpu").select_option("H100 SXM")
    table = page.locator(".napkin-compare")
    now, then = estimate(gpu="H100 SXM", **CHAT), estimate(count="article", **CHAT)
    for row in table.locator("tbody tr").all():
        label, a, b, ratio = row.locator("th, td").all_inner_texts()
        name = next(one for one in now if napkin.FORMULAS[one].label == label)
        assert (a, b) == (then.text(name), now.text(name))
        assert float(ratio.removeprefix("× ").replace(",", "")) == pytest.approx(now[name] / then[name], rel=6e-3)
    page.keyboard.press("Escape")
    figure = page.locator("#playground-whole-napkin")
    assert figure.locator(".napkin-then").first.inner_text() == f"A: {then.text('users')}"
    drawn = page.evaluate(
        "[document.querySelector('[data-kept]').getAttribute('d'), document.querySelector('[data-curve]').getAttribute('d')]"
    )
    assert drawn[0] != drawn[1] and all(len(one) > 500 for one in drawn)
    visit(page, "06_cost")
    assert page.locator("#playground-rent-or-own .napkin-then").first.inner_text() == f"A: {then.text('users')}"
    page.locator(f"{BAR} summary").click()
    page.get_by_role("button", name="Drop scenario A").click()
    assert page.locator("#playground-rent-or-own .napkin-then").first.inner_text() == ""


def test_what_binds_is_said_and_is_true(opened, chance):
    """The factor in the sentence is put in: beyond it the next constraint binds, short of it it does not."""
    page = opened("05_users")
    said = page.locator("#playground-full-gpu .napkin-limit").inner_text()
    factor = float(re.search(r"With ([\d.]+) times the bandwidth, compute would", said)[1])
    for times, binds in ((1.01, "Compute limits a step"), (0.99, "Memory bandwidth limits a step")):
        # as much less compute does what so much more bandwidth would do, and stays on the slider
        visit(page, "05_users", f"#peak_flops={INPUTS['peak_flops'].default / (factor * times)}")
        assert binds in page.locator("#playground-full-gpu .napkin-limit").inner_text()
    for name in pages():
        visit(page, name.removeprefix("chapters/"), "#count=article")
        for text in page.locator("figure.napkin-playground .napkin-limit").all_inner_texts():
            assert re.search(r"limits? |binds|decides|Price", text), (name, text)
            assert "NaN" not in text and "undefined" not in text
        large = page.locator("figure.napkin-playground:has(.napkin-sentence):not(#playground-experts-touched)")  # which tells of no step
        assert large.count() == large.locator(".napkin-limit").count()


@pytest.mark.parametrize(("name", "figure"), [("index", "whole-napkin"), ("06_cost", "rent-or-own")])
def test_sentences_count_all_gpus(opened, name, figure):
    page = opened(name)
    for gpus in (1, 2, 4, 8, 16, 32, 64):
        visit(page, name, f"#tensor_parallel={gpus}")
        expected = estimate(tensor_parallel=gpus, context=20_000, duty_cycle=0.2, count="article")
        told_ = page.locator(f"#playground-{figure} figcaption").inner_text()
        assert f"{gpus} × $4.00 an hour" in told_ and f"{expected.text('users')}" in told_
        assert f"costs {expected.text('cost_per_user_month').split(' ')[0]} a month" in told_
        assert f"the rent of ${4 * gpus:.2f} an hour" in told_
        more = 4 * gpus * 720 / (expected["users"] + 1)
        assert f"each would pay {show(more, 'dollar/user/month')}" in told_


def pdf_text(page):
    return re.sub(r"\s+", " ", " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(page.pdf())).pages))


def test_a_page_prints_with_the_scenario(opened):
    page = opened("05_users", "#model=Qwen3-32B&gpu=H200+SXM&context=30000&duty_cycle=0.25", color_scheme="dark")
    expected = estimate("Qwen3-32B", "H200 SXM", context=30_000, duty_cycle=0.25)
    text = pdf_text(page)
    for name in ("users", "cost_per_user_month", "sequences_that_fit", "tokens_per_second", "tokens_per_second_per_user"):
        assert expected.text(name) in text, name
    assert "Qwen3-32B on H200 SXM" in text and "30,000 tokens" in text
    assert "Memory bandwidth limits a step" in text
    for control in ("change · share · compare", "Copy link", "reset", "That is my guess", "Show the code"):
        assert control not in text, control
    assert page.locator("main details:not([open])").count(), "what was folded is folded again"
    solution = page.locator("main details.hide:not([open])").last
    first = solution.locator("pre").first.text_content().splitlines()[0]
    assert first.split("(")[0].replace("fi", "ﬁ") in text or first.split("(")[0] in text, "solutions print open"
    assert "Hide code" not in text


def test_the_bar_says_what_a_choice_of_gpu_leaves(opened):
    """A GPU brings its rent, and where one is too small the bar says how many would do."""
    page = opened("05_users", "#model=DeepSeek-V3&gpu=H100+SXM&context=20000")
    page.locator(f"{BAR} summary").click()
    told_ = page.locator(".napkin-set").inner_text()
    assert f"rent for a GPU-hour ${napkin.gpu('H100 SXM').gpu_hour_price:.2f}: {napkin.gpu('H100 SXM').priced}" in told_
    enough = next(n for n in (2, 4, 8, 16, 32, 64) if _fits("DeepSeek-V3", "H100 SXM", n))
    assert f"One GPU does not hold it, {enough} do" in told_
    assert "One GPU does not hold it" in page.locator("#playground-full-gpu .napkin-notes").inner_text(), "said in the figure too"
    page.locator("#playground-full-gpu").get_by_role("button", name=f"share it among {enough}").click()
    assert told(page)["users"] == estimate("DeepSeek-V3", "H100 SXM", **CHAT, tensor_parallel=enough)["users"]


def _fits(model, gpu, count):
    try:
        return estimate(model, gpu, **CHAT, tensor_parallel=count)["sequences_that_fit"] >= 1
    except NapkinError:
        return False


@pytest.mark.parametrize("width", [1280, 390])
def test_a_chapter_by_keyboard_alone(opened, width):
    """Tab from the top to the bar: every control gets the focus, shows it, and can be used."""
    page = unfolded(opened("05_users", viewport={"width": width, "height": 900}))
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("main .napkin-playground :is(input, select, button, summary), main .napkin-guess :is(input, button), #napkin-scenario summary")]
          .filter((one) => !one.disabled && one.checkVisibility()).length"""
    )
    assert wanted > 20
    reached, unseen = set(), []
    page.evaluate("document.querySelectorAll('*').forEach((one, i) => { one.walked = i; })")
    for _ in range(400):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => { const one = document.activeElement; const style = getComputedStyle(one);
              return [one.walked, one.closest(".napkin-playground, .napkin-guess, #napkin-scenario") !== null && one.matches("input, select, button, summary"),
                      style.outlineStyle !== "none" || style.boxShadow !== "none", one.outerHTML.slice(0, 120)]; }"""
        )
        if at[1]:
            reached.add(at[0])
            if not at[2]:
                unseen.append(at[3])
        if page.evaluate("document.activeElement.matches('#napkin-scenario summary')"):
            break
    assert len(reached) == wanted and not unseen, unseen
    page.keyboard.press("Enter")  # the bar opens, its first list takes a letter, Escape closes it
    page.keyboard.press("Tab")
    page.keyboard.type("Qwen3-32B")
    assert in_force(page)["model"] == "Qwen3-32B"
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('#napkin-scenario details').open")


def test_a_slider_says_its_name_and_value_with_unit_and_the_result_is_announced(opened):
    page = unfolded(opened("05_users"))
    tree = page.locator("#playground-full-gpu").aria_snapshot()
    assert re.search(r'slider "context"', tree) and re.search(r'slider "bandwidth"', tree)
    assert page.locator("#playground-full-gpu [name=context]").get_attribute("aria-valuetext") == "200,000 tokens"
    assert page.locator("#playground-full-gpu .napkin-sentence").get_attribute("aria-live") == "polite"


def test_no_estimate_knows_the_articles_mistakes():
    """What a page may put back in for show never gets into an estimate by itself."""
    assert "as_the_article" not in {one for name in estimate() for one in BOOK.under(estimate().inputs).inputs(name)}
    assert math.isclose(evaluate(("balanced_batch",))["balanced_batch"], 281.25)


def test_the_articles_mistakes_can_be_put_in_and_taken_out(opened):
    page = opened("04_b200_budget")
    claims = page.locator("details.napkin-claims > summary")
    claims.click()
    box = page.locator(".napkin-mistakes")
    assert "as the article has it 331" in box.inner_text() and "corrected: 281" in box.inner_text()
    sums = page.locator(".napkin-sum").all_inner_texts()
    switch = box.get_by_role("button", name="Show this page with the article’s mistakes")
    assert switch.get_attribute("aria-pressed") == "false"
    switch.click()
    assert any(text.endswith("= 331.25 conversations") for text in page.locator(".napkin-sum").all_inner_texts())
    assert page.evaluate("napkinStore.scenario.link") == "count=article", "no link carries them"
    visit(page, "06_cost")
    assert page.locator(".napkin-mistakes button").get_attribute("aria-pressed") == "false", "they stay on their page"
    visit(page, "04_b200_budget")
    assert page.locator(".napkin-sum").all_inner_texts() == sums
    claims.click()
    page.locator(".napkin-mistakes button").click()
    page.locator(".napkin-mistakes button").click()
    assert page.locator(".napkin-sum").all_inner_texts() == sums


@pytest.mark.parametrize("number", range(1, 7))
def test_the_ledger_and_the_chapters_lead_to_each_other(opened, number):
    name = next(one for one in pages() if f"/{number:02d}_" in one).removeprefix("chapters/")
    page = opened(name)
    links = page.eval_on_selector_all("main a[href*='ledger.html#c']", "all => all.map((one) => one.getAttribute('href').split('#')[1])")
    assert links
    visit(page, "ledger")
    for anchor in links:
        assert page.locator(f"#{anchor}").count() == 1, anchor
    assert page.locator(f"main a[href*='{name}.html']").count()


def test_a_shape_that_a_model_decides_says_so_and_can_be_let_go(opened):
    """With a model chosen its own caches are counted: heads and layers of the figure move nothing of them, as the note says."""
    page = opened("index", "#model=Qwen3-32B&context=20000")
    figure = page.locator("#playground-whole-napkin")
    notes = figure.locator(".napkin-notes")
    assert "Qwen3-32B decides its own caches: layers, KV heads, head width here change nothing of them." in notes.inner_text()
    fit = estimate("Qwen3-32B", context=20_000)["sequences_that_fit"]
    moved = estimate("Qwen3-32B", context=20_000, n_kv_heads=2, n_layers=8)["sequences_that_fit"]
    assert fit == moved
    notes.get_by_role("button", name="numbers instead of a model").click()
    assert in_force(page)["model"] == "" and "decides" not in notes.inner_text()
