"""The built book in a real browser, with no kernel and no network."""

import base64
import io
import json
import math
import re

import pytest
from fontTools.ttLib import TTFont

from napkin import FORMULAS, INPUTS, NapkinError, evaluate
from napkin.language.graph import BOOK
from tests.browser import BOOK as BUILT
from tests.browser import pages, unfolded
from tests.oracle import exact, random_scenario

# Runs before a page's own scripts (see `opened`): keeps what every playground queues, so that tests reach the generated functions.
BEFORE = """
window.captured = {};
window.napkin = [];
window.napkin.push = function (item) { window.captured[item[0]] = item; return Array.prototype.push.call(this, item); };
"""


def state(page, figure):
    """What a playground says: inputs, results, texts, curves."""
    return page.evaluate(
        """(id) => {
          const figure = document.getElementById(id);
          const all = (selector) => [...figure.querySelectorAll(selector)];
          return {
            inputs: JSON.parse(figure.dataset.inputs),
            results: Object.fromEntries(all("output").map((o) => [o.name, o.dataset.value === undefined ? null : Number(o.dataset.value)])),
            texts: Object.fromEntries(all("output").map((o) => [o.name, o.textContent])),
            controls: Object.fromEntries(all("input[name], select[name]:not([name=model], [name=gpu])").map((c) => [c.name, Number(c.dataset.value)])),
            curves: all("[data-curve]").map((c) => c.getAttribute("d")).join() + all("svg.napkin-drawing").map((c) => c.getAttribute("aria-label")).join(),
            points: all("[data-point]").map((c) => [c.getAttribute("transform"), c.getAttribute("class"), c.style.display]),
            sentence: (figure.querySelector(".napkin-sentence") || figure.querySelector(".napkin-limit") || figure).textContent,
            message: [...figure.querySelectorAll("[role=alert]")].map((one) => one.textContent).join(""),
            reason: figure.querySelector(".napkin-reason").textContent,
          };
        }""",
        figure,
    )


def figures(page):
    return page.eval_on_selector_all("figure.napkin-playground", "all => all.map((figure) => figure.id)")


def agrees_with_python(said):
    """The page's results are those of the package for the page's inputs."""
    for name, number in said["results"].items():
        if number is None:
            with pytest.raises(NapkinError):
                FORMULAS[name](**said["inputs"])
            continue
        value, error = exact(name, said["inputs"])
        assert abs(number - value) <= error, name
        found = FORMULAS[name](**said["inputs"])
        assert abs(found - value) <= error, name
        if FORMULAS[name].whole:
            assert number == found


@pytest.mark.parametrize("how", ["http", "file"])
@pytest.mark.parametrize("name", pages())
def test_a_page_opens_without_a_network(opened, seen, name, how):
    page = seen(name) if how == "http" else opened(name, how=how)
    assert page.locator("h1").filter(visible=True).count() == 1
    for figure in figures(page):
        assert "is-live" in page.locator(f"#{figure}").get_attribute("class")
    drawn = page.eval_on_selector_all("math", "all => all.map((m) => m.getBoundingClientRect().height)")
    if re.match(r"chapters/\d", name):
        assert drawn and figures(page)
    assert all(height > 5 for height in drawn)
    if drawn:
        assert page.evaluate(
            "document.fonts.ready.then(() => [...document.fonts].some((f) => f.family.includes('Math') && f.status === 'loaded'))"
        )
    assert page.locator("text=MathJax").count() == 0
    # nothing on the page is raw LaTeX or raw Markdown
    text = page.locator("main").inner_text()
    for raw in (r"\frac", r"\mathrm", "{eq}", "{cite}", "$$"):
        assert raw not in text


@pytest.mark.parametrize("name", pages())
def test_no_page_scrolls_sideways_on_a_phone(opened, name):
    small = opened(
        name, "#context=100&n_layers=1&n_kv_heads=1&head_dim=16&kv_bits=4&memory=2000000000000", viewport={"width": 320, "height": 700}
    )
    assert small.evaluate("document.documentElement.scrollWidth") <= 320, "six billion users"
    page = opened(name, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # results and controls stay inside their sheet of paper
    outside = page.evaluate(
        """() => [...document.querySelectorAll(".napkin-playground")].flatMap((figure) => {
          const right = figure.getBoundingClientRect().right;
          return [...figure.querySelectorAll("output, input, select, button, label")]
            .filter((one) => one.getBoundingClientRect().right > right + 0.5).map((one) => one.name || one.textContent);
        })"""
    )
    assert outside == []


@pytest.mark.parametrize("name", pages())
def test_every_control_changes_what_it_should(opened, name):
    page = unfolded(opened(name))
    for figure in figures(page):
        first = state(page, figure)
        agrees_with_python(first)
        assert first["controls"].items() <= first["inputs"].items()
        for control in first["controls"]:
            known = INPUTS[control]
            target = page.locator(f"#{figure} [name={control}]")
            if known.choices:
                values = [choice for choice in known.choices if choice != first["inputs"][control]]
                moves = [(lambda choice=choice: target.select_option(str(choice)), choice) for choice in values]
            else:
                target.focus()
                moves = [(lambda: page.keyboard.press("Home"), known.low), (lambda: page.keyboard.press("End"), known.high)]
            for move, expected in moves:
                before = state(page, figure)
                move()
                now = state(page, figure)
                if page.locator(f"#{figure} label[for$='--{control}']").inner_text().endswith("*"):
                    assert [now[one] for one in ("curves", "points")] == [before[one] for one in ("curves", "points")], control
                if now["message"]:  # refused: heads that do not go together
                    assert now["inputs"] == before["inputs"]
                    continue
                assert now["inputs"][control] == expected == now["controls"][control]
                assert now["sentence"] != "" and "undefined" not in now["sentence"] and "NaN" not in now["sentence"]
                agrees_with_python(now)
                touched = [one for one in now["results"] if control in FORMULAS[one].inputs or control in needed(one)]
                if touched and before["inputs"][control] != expected:
                    assert (
                        any(now["texts"][one] != before["texts"][one] for one in touched)
                        or now["curves"] != before["curves"]
                        or (now["points"] != before["points"])
                        or all(now["results"][one] in (None, before["results"][one]) for one in touched)
                    )
                assert (
                    now["points"] != before["points"]
                    or now["curves"] != before["curves"]
                    or touched
                    or before["inputs"][control] == expected
                )
            page.locator(f"#{figure} .napkin-reset").click()
            again = state(page, figure)
            assert (
                again["inputs"] == first["inputs"] and again["texts"] == first["texts"] and again["curves"] == state(page, figure)["curves"]
            )


def needed(name):
    """Inputs that matter only through what stands in for another input (as many as fit)."""
    return {one for parent in ("sequences_that_fit",) if "batch" in FORMULAS[name].inputs for one in FORMULAS[parent].inputs}


#: What a figure computes of the program that all pages share.
COMPUTED = """(spec, one) => {
  const out = napkinBook.compute({ ...spec.neutral, ...one });
  return Object.fromEntries(spec.outputs.filter((name) => name in out).map((name) => [name, out[name]]));
}"""


@pytest.mark.parametrize("name", pages())
def test_javascript_agrees_with_exact_arithmetic(seen, name, chance):
    """A hundred random scenarios a playground: the generated function in the browser, NumPy, and 50 digits."""
    page = seen(name)
    for figure in figures(page):
        spec = page.evaluate("(id) => window.captured[id][1]", figure)
        extra = [spec["chart"]["x"]] if spec["chart"] else []
        scenarios = [random_scenario([*spec["inputs"], *extra], chance) for _ in range(100)]
        computed = page.evaluate(f"([id, all]) => all.map((one) => ({COMPUTED})(window.captured[id][1], one))", [figure, scenarios])
        for scenario, found in zip(scenarios, computed):
            for one, number in found.items():
                view = BOOK.under(scenario)
                if any(exact(guard, scenario)[0] <= 0 for guard in view.guards(one)):
                    assert number is None or math.isnan(number), (one, scenario)
                    continue
                value, error = exact(one, scenario)
                assert abs(number - value) <= error, (one, scenario)
                python = evaluate((one,), scenario)[one]
                assert abs(python - value) <= error, (one, scenario)
                if one in FORMULAS and FORMULAS[one].whole:
                    assert number == python == value


def test_floors_in_the_browser_on_their_boundaries(opened):
    """Memory for exactly n conversations, duty cycles of two decimals: the oracle is integer division."""
    page = opened("chapters/index")
    base = state(page, "playground-whole-napkin")["inputs"]
    cases = [(n, k) for n in range(1, 300, 7) for k in range(1, 101)]
    memory = [32 * 10**9 + n * 131_072 * base["context"] for n, _ in cases]
    scenarios = [{**base, "memory": m, "duty_cycle": k / 100} for m, (_, k) in zip(memory, cases)]
    found = page.evaluate(f"(all) => all.map((one) => ({COMPUTED})(window.captured['playground-whole-napkin'][1], one))", scenarios)
    for (n, k), one in zip(cases, found):
        assert one["sequences_that_fit"] == n
        assert one["users"] == 100 * n // k


def test_enter_in_an_untouched_field_changes_nothing(opened):
    """Qwen3-32B has 32,762,123,264 parameters, more digits than the field shows."""
    page = opened("chapters/index")
    page.locator("#playground-whole-napkin [name=model]").select_option("Qwen3-32B")
    before = state(page, "playground-whole-napkin")
    page.locator("#playground-whole-napkin [data-types=parameters]").press("Enter")
    assert state(page, "playground-whole-napkin") == before and before["inputs"]["parameters"] == 32_762_123_264
    assert page.evaluate("napkinStore.scenario.given") == {}


def test_typed_values_are_taken_exactly(opened):
    page = unfolded(opened("chapters/index"))
    typed = page.locator("#playground-whole-napkin [data-types=context]")
    for text, value in (
        ("20,001", 20_001),
        ("12345", 12_345),
        ("5e4", 50_000),
        ("7 777 tokens", 7_777),
        ("100", 100),
        ("1,000,000", 1e6),
        ("30k", 30_000),
        ("0.5M", 500_000),
        ("128k tokens", 128_000),
        ("20.000", 20_000),
        ("0.5 million", 500_000),
    ):
        typed.fill(text)
        typed.press("Enter")
        now = state(page, "playground-whole-napkin")
        assert now["inputs"]["context"] == value and now["message"] == ""
        agrees_with_python(now)
    for name, text, value in (
        ("memory", "192.27", 192.27e9),
        ("duty_cycle", "33.3", 0.333),
        ("gpu_hour_price", "$2.49", 2.49),
        ("bandwidth", "7.7 TB/s", 7.7e12),
        ("parameters", "32.76", 32.76e9),
        ("peak_flops", "989.5", 989.5e12),
        ("parameters", "70B", 70e9),
        ("memory", "1 TB", 1e12),
        ("bandwidth", "3350 GB/s", 3.35e12),
        ("peak_flops", "2.25 PFLOP/s", 2.25e15),
        ("memory", "80 GB", 80e9),
        ("memory", "80 GiB", 80 * 2**30),
        ("duty_cycle", "0.4", 0.4),
        ("duty_cycle", "0,5", 0.5),
        ("duty_cycle", "2,5 %", 0.025),
        ("parameters", "700 million", 700e6),
    ):
        page.locator(f"#playground-whole-napkin [data-types={name}]").fill(text)
        page.locator(f"#playground-whole-napkin [data-types={name}]").press("Enter")
        assert state(page, "playground-whole-napkin")["inputs"][name] == value


def test_what_cannot_be_taken_is_refused_with_a_reason(opened):
    page = unfolded(opened("chapters/index"))
    before = state(page, "playground-whole-napkin")
    for name, text, said in (
        ("context", "50", "Context must be a whole number from 100 tokens to 1,000,000 tokens, got “50” (tokens)"),
        ("context", "2000000", "got “2000000”"),
        ("context", "many", "got “many”"),
        ("context", "1,5", "got “1,5”"),
        ("context", "2 million", "got “2 million”"),
        ("memory", "8000 GiB", "got “8000 GiB”"),
        ("memory", "$80", "got “$80”"),
        ("duty_cycle", "$5", "got “$5”"),
        ("memory", "80 TFLOP/s", "got “80 TFLOP/s”"),
        ("context", "NaN", "got “NaN”"),
        ("context", "Infinity", "got “Infinity”"),
        ("context", "-5", "got “-5”"),
        ("context", "20000.5", "got “20000.5”"),
        ("context", "", "got nothing"),
        ("context", "<img src=x onerror=alert(1)>", "got “<img"),
        ("duty_cycle", "150", "Duty cycle must be from 1 % to 100 %, got “150” (%)"),
        ("n_kv_heads", "7", "Query heads must be a multiple of KV heads, got query heads 64 and KV heads 7"),
    ):
        field = page.locator(f"#playground-whole-napkin [data-types={name}]")
        shown = field.input_value()
        field.fill(text)
        field.press("Enter")
        now = state(page, "playground-whole-napkin")
        assert said in now["message"]
        assert field.input_value() == text and field.get_attribute("aria-invalid") == "true", "what was typed stays"
        box, alert = field.bounding_box(), page.locator("#playground-whole-napkin .napkin-refused:not(:empty)").bounding_box()
        assert 0 < alert["y"] - box["y"] < 70, "it is said at the field"
        assert {**now, "message": ""} == before
        field.fill(shown)
        field.press("Enter")
        assert state(page, "playground-whole-napkin") == before and field.get_attribute("aria-invalid") is None


def test_a_control_says_its_value_with_its_unit(opened):
    page = unfolded(opened("chapters/index"))
    for name, text in (("context", "20,000 tokens"), ("memory", "192 GB"), ("duty_cycle", "20 %"), ("peak_flops", "4.5 PFLOP/s")):
        slider = page.locator(f"#playground-whole-napkin [name={name}]")
        assert slider.get_attribute("aria-valuetext") == text
        assert page.locator(f"label[for='{slider.get_attribute('id')}']").inner_text()
    page.locator("#playground-whole-napkin [name=context]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#playground-whole-napkin [name=context]").get_attribute("aria-valuetext") == "21,000 tokens"


def test_peak_follows_the_precision_on_the_page(opened):
    page = unfolded(opened("chapters/index"))
    page.locator("#playground-whole-napkin [name=weight_bits]").select_option("16")
    now = state(page, "playground-whole-napkin")
    assert now["inputs"]["peak_flops"] == now["controls"]["peak_flops"] == 2.25e15
    agrees_with_python(now)


def test_where_nothing_fits_the_page_says_why(opened):
    page = unfolded(opened("chapters/index"))
    field = page.locator("#playground-whole-napkin [data-types=memory]")
    field.fill("32")
    field.press("Enter")
    now = state(page, "playground-whole-napkin")
    assert now["results"]["users"] is None and now["results"]["cost_per_user_month"] is None
    assert now["texts"]["users"] == "—" and now["reason"] == "does not fit: needs 34.6 GB, has 32 GB, 2.62 GB are missing"
    assert now["results"]["sequences_that_fit"] == 0
    assert now["sentence"] == "Does not fit: needs 34.6 GB, has 32 GB, 2.62 GB are missing."
    assert now["points"][0][2] == "none", "no point where there is no number"
    agrees_with_python(now)


def test_the_upright_axis_grows_where_the_point_leaves_it(opened):
    page = unfolded(opened("chapters/index"))
    chart = page.evaluate("window.captured['playground-whole-napkin'][1].chart")
    figure = page.locator("#playground-whole-napkin")
    assert not figure.locator(".napkin-grown").count()
    for name, text in (("gpu_hour_price", "20"), ("memory", "60"), ("duty_cycle", "100"), ("context", "200000")):
        page.locator(f"#playground-whole-napkin [data-types={name}]").fill(text)
        page.locator(f"#playground-whole-napkin [data-types={name}]").press("Enter")
    (transform, classes, display), *_ = state(page, "playground-whole-napkin")["points"]
    assert state(page, "playground-whole-napkin")["results"]["cost_per_user_month"] > chart["ylim"][1]
    assert "is-off" not in classes and display == ""
    top, bottom = chart["box"][1], chart["box"][3]
    assert top <= float(re.search(r" ([\d.]+)\)", transform)[1]) <= bottom
    assert "$10k" in figure.locator(".napkin-grown text").all_text_contents()
    page.locator("#playground-whole-napkin .napkin-reset").click()
    assert not figure.locator(".napkin-grown").count()


@pytest.mark.parametrize("name", pages())
def test_without_javascript_numbers_picture_and_sentence_stand(opened, name):
    page = opened(name, java_script_enabled=False)
    for figure in page.locator("figure.napkin-playground").all():
        inputs = json.loads(figure.get_attribute("data-inputs"))
        for output in figure.locator("output").all():
            assert output.is_visible() and output.inner_text()
            if value := output.get_attribute("data-value"):
                assert math.isclose(float(value), FORMULAS[output.get_attribute("name")](**inputs), rel_tol=1e-12)
        assert figure.locator("svg").is_visible()
        drawing = figure.locator("svg.napkin-drawing").count()
        assert drawing or figure.locator("[data-curve]").count() and figure.locator("[data-still]").count()
        assert all(figure.locator("figcaption").all_inner_texts())
        assert not figure.locator("input, button, select").filter(visible=True).count(), "what does not work is not offered"


@pytest.mark.parametrize("name", pages())
def test_ids_on_a_page_are_its_own(seen, name):
    page = seen(name)
    twice = page.evaluate(
        "(() => { const seen = {}; for (const e of document.querySelectorAll('main [id]')) seen[e.id] = (seen[e.id] || 0) + 1;"
        " return Object.keys(seen).filter((id) => seen[id] > 1); })()"
    )
    assert twice == []


def test_fonts_carry_their_licence(book):
    style = (BUILT / "_static" / "math.css").read_text(encoding="utf-8")
    packed = base64.b64decode(re.search(r"base64,([^\"]*)", style)[1])
    font = TTFont(io.BytesIO(packed))
    name = font["name"]
    assert ord("√") in font.getBestCmap(), "chapter 2 has roots, which an element draws"
    assert "The STIX Fonts Project Authors" in name.getDebugName(0) and name.getDebugName(14) == "https://scripts.sil.org/OFL"
    assert style.startswith("/* Copyright") and name.getDebugName(13) in style


def test_every_source_map_belongs_to_its_file(book):
    for file in (BUILT / "_static").rglob("*.map"):
        assert file.name in file.with_suffix("").read_text(encoding="utf-8"), file
