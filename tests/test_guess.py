"""Guess first: the card's Python half, and in a real browser the guess, the factor and the record."""

import json
import math
import re
import statistics

import pytest
import traitlets

from napkin import FORMULAS, NapkinError
from napkin.b200_budget import balanced_batch
from napkin.language.units import UNITS
from napkin.page.guess import Guess
from napkin.page.scripts import WEB, page_script
from tests import node
from tests.browser import Watched, pages, serving

KEY = "napkin-guesses"
FILL, KEEP = "#guess-fill", "#guess-keep"


def fill(**more):
    """How many users fill a B200's multipliers? Two operations a weight of one byte: 4.5e15 / 8e12 / 2 = 281.25."""
    given = {"low": 1, "high": 100_000, "unit": "user", "name": "fill", **more}
    return Guess("How many users fill the multipliers of a B200?", balanced_batch, **given)


def keep():
    """A conversation's cache: 20,000 tokens of 2 × 64 × 8 × 128 bytes are 2.62144 GB."""
    return Guess(
        "What does a conversation of 20,000 tokens keep?", "kv_bytes_per_sequence", at={"context": 20_000}, low=1e6, high=1e12, name="keep"
    )


# ---- Python -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "at", "truth"),
    [
        (balanced_batch, None, 4.5e15 / 8e12 / 2),
        ("kv_bytes_per_sequence", {"context": 20_000}, 20_000 * 2 * 64 * 8 * 128),
        # 160 GB hold 61 conversations of 2.62 GB, and each serves five users.
        (FORMULAS["users"], {"context": 20_000, "duty_cycle": 0.2}, (192e9 - 32e9) // (20_000 * 131_072) * 5),
    ],
)
def test_the_answer_is_computed_where_the_question_says(answer, at, truth):
    guess = Guess("How much?", answer, low=truth / 1e3, high=truth * 1e3, at=at, name="x")
    assert guess.answer == pytest.approx(truth)


def test_a_plain_number_has_a_unit_and_a_name():
    guess = Guess("How long does a step take?", 0.02, unit="second", low=1e-6, high=100, name="step")
    assert guess.answer == 0.02
    assert guess._spec["shown"] == [-3, "ms"]


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("user", ("many", "few")),
        ("token", ("many", "few")),
        ("FLOP", ("many", "few")),
        ("byte", ("much", "little")),
        ("byte/sequence", ("much", "little")),
        ("second", ("long", "short")),
        ("dollar/user/month", ("high", "low")),
        ("byte/second", ("high", "low")),
        ("FLOP/byte", ("high", "low")),
        ("percent", ("high", "low")),
        ("token/second", ("high", "low")),
    ],
)
def test_being_off_is_said_as_the_unit_asks(unit, words):
    spec = Guess("How much?", 0.5, unit=unit, low=0.001, high=1000, name="x")._spec
    assert (spec["more"], spec["less"]) == words


def test_the_words_can_be_given():
    spec = fill(more="crowded", less="lonely")._spec
    assert (spec["more"], spec["less"]) == ("crowded", "lonely")


def test_every_unit_can_be_guessed_and_typed_as_it_is_shown():
    specs = [Guess("How much?", 0.5, unit=unit, low=0.001, high=1000, name="x")._spec for unit in UNITS]
    found = node.run("numbers", "({ typedNumber }, all) => all.map(({ shown, units }) => typedNumber(`5 ${shown[1]}`, [9], units))", specs)
    for spec, value in zip(specs, found):
        assert value == pytest.approx(5 * 10 ** (spec["shown"][0] if spec["shown"][1] else 9))


def test_a_bare_m_is_no_number_of_seconds():
    units = Guess("How long?", 0.5, unit="second", low=1e-6, high=1e6, name="x")._spec["units"]
    found = node.run(
        "numbers",
        "({ typedNumber }, all, units) => all.map((said) => typedNumber(`1 ${said}`, [0], units))",
        ["s", "ms", "µs", "us", "μs", "m"],
        units,
    )
    assert found == [1, 1e-3, 1e-6, 1e-6, 1e-6, None]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"question": " "}, "needs a question"),
        ({"answer": "balanced_bach"}, "did you mean 'balanced_batch'"),
        ({"answer": 0}, "finite number above 0"),
        ({"answer": math.inf}, "finite number above 0"),
        ({"answer": 281, "unit": None}, "a plain number needs unit="),
        ({"answer": 281, "at": {"context": 1}}, "`at` is for a formula"),
        ({"unit": "users"}, "there is no unit 'users'; did you mean 'user'"),
        ({"unit": "byte"}, "balanced_batch is in sequence, which cannot be said in byte"),
        ({"low": 0}, "low must be a finite number above 0, got 0"),
        ({"high": math.nan}, "high must be a finite number above 0"),
        ({"low": 300}, "the answer must lie between low and high, got 300 < 281.25 < 100000"),
        ({"high": 100}, "the answer must lie between"),
        ({"name": "Fill <b>"}, "a name of small letters"),
        ({"answer": "users", "at": {"memory": 1e9}}, "users has no value: "),
        ({"at": {"bandwidth": [1e12, 2e12]}}, "one number above 0"),
        ({"answer": 281, "unit": "user", "name": None}, "a name of small letters"),
    ],
)
def test_a_guess_made_wrongly_says_so(wrong, said):
    given = {"question": "How many?", "answer": "balanced_batch", "low": 1, "high": 100_000, "unit": "user", "name": "x", **wrong}
    with pytest.raises(NapkinError, match=re.escape(said)):
        Guess(given.pop("question"), given.pop("answer"), **given)


def test_a_teacher_reads_the_guess_and_the_factor():
    guess = fill()
    assert guess.guess is None
    assert guess.factor is None
    guess.guess = 60
    assert guess.factor == pytest.approx(281.25 / 60)
    guess.guess = 562.5
    assert guess.factor == pytest.approx(2)
    for bad in (0, -1, math.nan, math.inf):
        with pytest.raises(NapkinError, match="a guess must be a finite number above 0"):
            guess.guess = bad
    with pytest.raises(traitlets.TraitError):
        guess.guess = "60"
    assert guess.guess == 562.5


def test_no_face_tells_the_answer():
    guess = Guess("Is it </script><b>less</b> than 9?", 281.25, unit="user", low=1, high=1e5, name="fill")
    bundle, _ = guess._repr_mimebundle_()
    visible = re.sub(r"<script>.*?</script>", "", bundle["text/html"], flags=re.DOTALL)
    assert "281" not in visible + bundle["text/plain"]
    assert "Guess before you read on." in visible
    assert "<b>" not in bundle["text/html"]
    assert bundle["text/html"].count("</script>") == 1
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "export default" in guess.get_state()["_esm"]
    assert "--napkin-paper" in guess.get_state()["_css"]


def test_why_is_computed_where_the_answer_is():
    guess = Guess("How many?", "users", at={"context": 20_000}, low=1, high=1e4, why="{sequences_that_fit} of {context} fit.")
    assert guess._spec["why"] == "61 conversations of 20,000 tokens fit."
    visible = re.sub(r"<script>.*?</script>", "", guess._page(), flags=re.DOTALL)
    assert "61" not in visible + repr(guess)
    with pytest.raises(NapkinError, match="did you mean 'users'"):
        fill(why="{ussers}")


# ---- In the browser -----------------------------------------------------------------------------

PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="playground.css"><link rel="stylesheet" href="guess.css">
<script defer src="napkin.js"></script></head>
<body><main><article><h1>{title}<a href="#top">#</a></h1>{cards}</article></main></body></html>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two pages on a server: two guesses on the first, one on the second, and the first again in the dark."""
    folder = tmp_path_factory.mktemp("guesses")
    (folder / "napkin.js").write_text(page_script(), "utf-8")
    for file in ("playground.css", "guess.css"):
        (folder / file).write_text((WEB / file).read_text("utf-8"), "utf-8")
    step = Guess("How long does a step take?", 0.02, unit="second", low=1e-6, high=100, name="step")
    two = fill()._page() + keep()._page()
    for name, theme, title, cards in (
        ("one", "light", "4. A B200", two),
        ("dark", "dark", "4. A B200", two),
        ("two", "light", "5. Users", step._page()),
    ):
        (folder / f"{name}.html").write_text(PAGE.format(theme=theme, title=title, cards=cards), "utf-8")
    with serving(folder) as address:
        yield address


@pytest.fixture
def watched(site, chromium):
    """A fresh browser profile on the first page; nothing may go wrong on it."""
    with Watched(chromium, site, viewport={"width": 1000, "height": 900}) as watched:
        watched.page.goto(f"{site}/one.html")
        yield watched
        assert watched.faults == []


def say(page, card, text):
    """Type a guess into a card and press Enter; return what the card says then."""
    page.locator(f"{card} .napkin-guess-typed").fill(text)
    page.locator(f"{card} .napkin-guess-typed").press("Enter")
    return page.locator(f"{card} .napkin-guess-answer").inner_text()


def stored(page):
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')") or "{}")


def test_nothing_is_claimed_or_told_before_the_guess(watched):
    page = watched.page
    assert "281" not in page.locator("main").inner_text()
    slider = page.locator(f"{FILL} .napkin-guess-slider")
    assert slider.get_attribute("aria-valuetext") == "no guess yet"
    assert page.locator(f"{FILL} .napkin-guess-typed").input_value() == ""
    assert page.locator(f"{FILL} button", has_text="That is my guess").is_disabled()
    assert page.locator(f"{FILL} .napkin-guess-hint").inner_text() == "Move me, or type."
    slider.click()  # in the middle, without moving it: of 5 decades of 90 stops, 2.5
    assert page.locator(f"{FILL} .napkin-guess-typed").input_value() != ""
    assert page.locator(f"{FILL} button", has_text="That is my guess").is_enabled()
    assert stored(page) == {}


def test_a_guess_by_keyboard_alone(watched):
    page = watched.page
    page.keyboard.press("Tab")  # the heading's link
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "napkin-guess-typed"
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    slider = page.locator(f"{FILL} .napkin-guess-slider")
    assert slider.get_attribute("aria-valuetext") == "2 users"  # of users only whole ones
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "99,000 users"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    answer = page.locator(f"{FILL} [role=status]")
    assert answer.inner_text() == "You said 99,000. It is 281: 350 times too many."
    assert page.evaluate("document.activeElement.getAttribute('role')") == "status"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "napkin-guess-typed"
    page.keyboard.type("60")
    page.keyboard.press("Enter")
    assert answer.inner_text() == "You said 60. It is 281: 4.7 times too few."
    assert page.locator(f"{FILL} .napkin-guess-note").inner_text() == "Your first guess, 99,000, is the one that counts."
    assert stored(page)["fill"] == {"guess": 99_000, "answer": 281.25, "title": "4. A B200"}


def test_the_slider_has_ends_and_a_mark_at_every_power_of_ten(watched):
    page = watched.page
    ticks = page.locator(f"{FILL} .napkin-guess-ticks > span")
    assert ticks.count() == 6  # 1, 10 … 100,000
    named = [text for text in ticks.all_inner_texts() if text]
    assert named[0] == "1" and named[-1] == "100,000"
    slider = page.locator(f"{FILL} .napkin-guess-slider")
    box = slider.bounding_box()
    for i, decade in enumerate(10**e for e in range(6)):  # the middle of the thumb stands over the mark of what it says
        at = float(ticks.nth(i).evaluate("(one) => one.style.getPropertyValue('--at')"))
        slider.evaluate("(one, at) => { one.value = Math.round(at * one.max); one.dispatchEvent(new Event('input')); }", at)
        assert slider.get_attribute("aria-valuetext") == f"{decade:,} user{'s' * (decade > 1)}"
        line = ticks.nth(i).evaluate(
            "(one) => one.getBoundingClientRect().x + one.getBoundingClientRect().width * one.style.getPropertyValue('--at')"
        )
        assert line == pytest.approx(box["x"] + 10 + at * (box["width"] - 20), abs=1.5)


def test_whoever_skips_is_told_and_may_guess_after_all(watched):
    page = watched.page
    page.locator(f"{FILL} button", has_text="Skip").click()
    assert page.locator(f"{FILL} .napkin-guess-answer").inner_text() == "It is 281 users."
    assert page.evaluate("document.activeElement.getAttribute('role')") == "status"
    assert page.locator(f"{FILL} .napkin-guess-scale").is_hidden() and stored(page) == {}
    page.locator(f"{FILL} button", has_text="Guess after all").click()
    assert say(page, FILL, "60") == "You said 60. It is 281: 4.7 times too few."


SIZES = [(1440, 900), (1280, 720), (768, 1024), (390, 844)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_the_first_page_does_not_answer_its_guess(opened, size):
    """The result that would is covered until the reader has guessed or skipped; the others are not."""
    width, height = size
    page = opened("index", viewport={"width": width, "height": height})
    answer = FORMULAS["tokens_per_second"].text(context=20_000, duty_cycle=0.2)
    around = page.locator("section#inference-on-a-napkin")
    results = around.locator("> div figure.napkin-playground output")
    asked = around.locator("> div figure.napkin-playground output[name=tokens_per_second]")
    assert asked.count() == 1 and results.count() > 3
    covered = "(all) => all.map((one) => getComputedStyle(one).visibility)"
    assert set(asked.evaluate_all(covered)) == {"hidden"} and results.evaluate_all(covered).count("hidden") == 1
    assert answer not in page.locator("main").inner_text()
    slider = page.locator("figure.napkin-playground input[name=context]").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert set(asked.evaluate_all(covered)) == {"hidden"}
    page.keyboard.press("ArrowLeft")
    if width > 1000:
        page.locator(".napkin-guess button", has_text="Skip").click()
    else:
        say(page, ".napkin-guess", "2000")
    assert set(asked.evaluate_all(covered)) == {"visible"}
    assert answer.split()[0] in page.locator(".napkin-guess-answer").inner_text()


@pytest.mark.parametrize("name", [name for name in pages() if re.match(r"chapters/(\d|index)", name)])
def test_every_answer_says_why(opened, name):
    page = opened(name)
    for card in page.locator(".napkin-guess").all():
        assert card.locator(".napkin-guess-why").is_hidden()
        card.locator("button", has_text="Skip").click()
        why = card.locator(".napkin-guess-why").inner_text()
        assert len(why.split()) > 8 and re.search(r"\d", why) and why.endswith(".")


def again(page, card):
    """Ask for another guess."""
    page.locator(f"{card} button", has_text="Guess again").click()


def test_the_factor_is_that_of_arithmetic(watched):
    for text, guess, off in (
        ("60", 60, "too few"),
        ("60 users", 60, "too few"),
        ("2k", 2000, "too many"),
        ("1,200", 1200, "too many"),
        ("5e3", 5000, "too many"),
        ("1", 1, "too few"),
        ("450", 450, "too many"),
        ("324", 324, "too many"),
        ("244", 244, "too few"),
        ("281.25", 281.25, ""),
        ("323", 323, ""),
        ("245", 245, ""),
    ):
        said = say(watched.page, FILL, text)
        factor = max(guess / 281.25, 281.25 / guess)
        assert said.startswith(f"You said {guess:,}. It is 281: ")
        if off:
            told = re.fullmatch(r".*: ([\d.,]+) times (too \w+)\.", said)
            assert (float(told[1].replace(",", "")), told[2]) == (float(f"{factor:.2g}"), off)
        else:
            assert factor < 1.15
            assert said.endswith("that is it, within 15 %.")
        again(watched.page, FILL)


def test_bytes_take_any_prefix(watched):
    for text, said in (
        ("90", "You said 90 GB. It is 2.62 GB: 34 times too much."),
        ("90 gb", "You said 90 GB."),
        ("5 MB", "You said 5 MB."),
        ("0.5 TB", "You said 500 GB."),
        ("300M", "You said 300 MB. It is 2.62 GB: 8.7 times too little."),
    ):
        assert say(watched.page, KEEP, text).startswith(said)
        again(watched.page, KEEP)


def test_typed_nonsense_is_refused_in_one_sentence(watched):
    page = watched.page
    for text in ("", "lots", "-5", "0", "1e9", "sixty", "6 GB", "<b>6</b>", "NaN", "1e999", "6 constructor"):
        assert say(page, FILL, text) == ""
        message = page.locator(f"{FILL} [role=alert]").inner_text()
        assert message.startswith("A guess here is a number from 1 user to 100,000 users, ")
        assert ". " not in message
        assert text in message
        if text:  # the button does not take it either
            page.locator(f"{FILL} button", has_text="That is my guess").click()
            assert page.locator(f"{FILL} .napkin-guess-answer").inner_text() == ""
    assert stored(page) == {}
    assert say(page, FILL, "60") == "You said 60. It is 281: 4.7 times too few."


def test_the_picture_puts_both_marks_where_the_logarithm_does(watched):
    page = watched.page
    say(page, FILL, "60")
    scale = page.locator(f"{FILL} .napkin-guess-scale")
    assert scale.get_attribute("aria-label") == "A scale from 1 to 100,000: your guess at 60, the answer at 281."
    box = scale.bounding_box()
    for mark, value in (("you", 60), ("answer", 281.25)):
        mark = page.locator(f"{FILL} .napkin-guess-mark-{mark}").bounding_box()
        middle = (mark["x"] + mark["width"] / 2 - box["x"]) / box["width"]
        assert middle == pytest.approx(math.log10(value) / 5, abs=0.003)


def test_the_record_goes_through_the_book_and_can_be_forgotten(watched, site):
    page = watched.page
    say(page, FILL, "60")
    summary = page.locator(f"{FILL} .napkin-guess-record")
    assert summary.inner_text() == "Your record: 1 guess."
    say(page, KEEP, "90 GB")
    page.goto(f"{site}/two.html")
    assert say(page, "#guess-step", "1 s") == "You said 1 s. It is 20 ms: 50 times too long."
    factors = {"fill": 281.25 / 60, "keep": 90e9 / (20_000 * 131_072), "step": 50}
    median = statistics.median(factors.values())
    expected = f"Your record: 3 guesses, half of them within a factor of {median:.2g}."
    assert page.locator("#guess-step .napkin-guess-record").inner_text() == expected

    page.goto(f"{site}/one.html")  # returning shows the guess and the answer again, and the whole record
    assert page.locator(f"{FILL} .napkin-guess-answer").inner_text() == "You said 60. It is 281: 4.7 times too few."
    assert summary.inner_text() == expected
    page.locator(f"{FILL} summary").click()
    assert page.locator(f"{FILL} li").all_inner_texts() == [
        "4. A B200: 4.7 times under",
        "4. A B200: 34 times over",
        "5. Users: 50 times over",
    ]
    # A later try is told, and leaves the record as it was.
    again(page, FILL)
    assert page.locator(f"{FILL} .napkin-guess-answer").inner_text() == ""
    say(page, FILL, "280")
    assert stored(page)["fill"]["guess"] == 60
    page.reload()
    assert page.locator(f"{FILL} .napkin-guess-answer").inner_text().startswith("You said 60.")
    assert summary.inner_text() == expected

    page.locator(f"{FILL} summary").click()
    page.locator(f"{FILL} button", has_text="Forget my guesses").click()
    assert page.evaluate(f"localStorage.getItem('{KEY}')") is None
    for card in (FILL, KEEP):
        assert page.locator(f"{card} .napkin-guess-answer").inner_text() == ""
        assert page.locator(f"{card} .napkin-guess-asking").is_visible()
    page.reload()
    assert page.locator(f"{FILL} .napkin-guess-answer").inner_text() == ""


def test_of_an_even_record_half_lies_below_the_middle(watched):
    say(watched.page, FILL, "60")
    say(watched.page, KEEP, "90 GB")
    middle = math.exp(statistics.mean(map(math.log, (281.25 / 60, 90e9 / (20_000 * 131_072)))))
    for card in (FILL, KEEP):  # the first card hears of the guess on the second
        said = watched.page.locator(f"{card} .napkin-guess-record").inner_text()
        assert said == f"Your record: 2 guesses, half of them within a factor of {middle:.2g}."


def test_what_is_stored_and_is_no_guess_is_ignored(watched):
    page = watched.page
    for text in (
        "not JSON",
        "null",
        "[]",
        "7",
        '"text"',
        '{"fill": null}',
        '{"fill": {"guess": "<img src=x onerror=alert(1)>", "answer": 1, "title": ""}}',
        '{"fill": {"guess": NaN, "answer": 1, "title": ""}}',
        '{"fill": {"guess": 1e999, "answer": 1, "title": ""}}',
        '{"fill": {"guess": -60, "answer": 281.25, "title": ""}}',
        '{"fill": {"guess": 60, "answer": 0, "title": ""}}',
        '{"fill": {"guess": 60, "answer": 281.25, "title": 7}}',
        '{"fill": {"guess": 60, "answer": 281.25}}',
        '{"<b>fill</b>": {"guess": 60, "answer": 281.25, "title": "x"}}',
        '{"fill": {"guess": 1e-300, "answer": 1e300, "title": ""}}',
        '{"fill": {"guess": 60, "answer": 281.25, "title": "' + "x" * 1_000_000 + '"}}',
    ):
        page.evaluate(f"text => localStorage.setItem('{KEY}', text)", text)
        page.reload()
        assert page.locator(f"{FILL} .napkin-guess-answer").inner_text() == ""
        assert say(page, FILL, "60") == "You said 60. It is 281: 4.7 times too few."
        assert page.locator(f"{FILL} .napkin-guess-record").inner_text() == "Your record: 1 guess."
        assert set(stored(page)) == {"fill"}


def test_markup_in_a_stored_title_stays_text(watched):
    page = watched.page
    entry = {"guess": 60, "answer": 281.25, "title": "<img src=x onerror=alert(1)>"}
    page.evaluate(f"entry => localStorage.setItem('{KEY}', JSON.stringify({{fill: entry}}))", entry)
    page.reload()
    page.locator(f"{FILL} summary").click()
    assert page.locator(f"{FILL} li").inner_text() == "<img src=x onerror=alert(1)>: 4.7 times under"
    assert page.locator(f"{FILL} img").count() == 0


def test_the_answer_beside_an_old_guess_is_the_book_s_of_today(watched):
    page = watched.page
    page.evaluate(f"""localStorage.setItem('{KEY}', '{{"fill": {{"guess": 60, "answer": 600, "title": "4"}}}}')""")
    page.reload()
    assert page.locator(f"{FILL} .napkin-guess-answer").inner_text() == "You said 60. It is 281: 4.7 times too few."
    assert stored(page)["fill"]["answer"] == 281.25


@pytest.mark.parametrize(
    "broken",
    [
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })",
        "Object.defineProperty(window, 'localStorage', { value: null })",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }",
    ],
)
def test_without_storage_the_record_lasts_as_long_as_the_page(watched, broken):
    page = watched.page
    page.add_init_script(broken)
    page.reload()
    assert say(page, FILL, "60") == "You said 60. It is 281: 4.7 times too few."
    say(page, KEEP, "90 GB")
    assert page.locator(f"{FILL} .napkin-guess-record").inner_text().startswith("Your record: 2 guesses, half")
    page.locator(f"{FILL} summary").click()
    assert "lasts as long as this page" in page.locator(f"{FILL} .napkin-guess-where").inner_text()
    page.locator(f"{FILL} button", has_text="Forget my guesses").click()
    assert page.locator(f"{KEEP} .napkin-guess-answer").inner_text() == ""
    page.reload()
    assert page.locator(f"{FILL} .napkin-guess-answer").inner_text() == ""


def test_another_window_is_heard(watched, site):
    other = watched.context.new_page()
    other.goto(f"{site}/two.html")
    say(watched.page, FILL, "60")
    say(other, "#guess-step", "1 s")
    watched.page.wait_for_function("document.querySelector('#guess-fill .napkin-guess-record').textContent.includes('2 guesses')")


def test_the_script_may_come_twice(watched):
    page = watched.page
    page.add_script_tag(url="napkin.js")
    assert page.locator(f"{FILL} .napkin-guess-slider").count() == 1


def test_without_a_script_the_question_stands(site, chromium):
    with Watched(chromium, site, java_script_enabled=False) as watched:
        watched.page.goto(f"{site}/one.html")
        text = watched.page.locator(FILL).inner_text()
        assert text.split("\n\n") == ["Guess first", "How many users fill the multipliers of a B200?", "Guess before you read on."]


def test_print_leaves_the_controls_out(watched):
    page = watched.page
    say(page, FILL, "60")
    page.emulate_media(media="print")
    assert page.locator(f"{FILL} .napkin-guess-answer").is_visible()
    assert page.locator(f"{KEEP} .napkin-guess-question").is_visible()
    assert page.locator("main :is(input, button, summary):visible").count() == 0


@pytest.mark.parametrize("address", ["one", "dark"])
def test_a_phone_shows_it_all_and_a_finger_hits_it(site, chromium, address):
    with Watched(chromium, site, viewport={"width": 390, "height": 844}) as watched:
        page = watched.page
        page.goto(f"{site}/{address}.html")
        small = """[...document.querySelectorAll('main :is(input, button, summary)')].map((e) => e.getBoundingClientRect())
                   .filter((box) => box.height && Math.min(box.width, box.height) < 43.99).length"""
        for text in ("lots", "1"):
            say(page, FILL, text)
            assert page.evaluate(small) == 0
            assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.locator(f"{FILL} summary").click()
        assert page.evaluate(small) == 0
        say(page, KEEP, "1 TB")  # at either end of the scale the words stay on the card
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert watched.faults == []


def test_a_kernel_hears_of_the_guess_and_may_set_it(watched):
    """The anywidget module itself, with a stand-in for the model that Jupyter hands it."""
    page = watched.page
    guess = fill(name="lab")
    found = page.evaluate(
        """async ([source, spec]) => {
            const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
            const { default: widget } = await import(url);
            const state = { _spec: spec, guess: null }, calls = {};
            const model = {
                get: (name) => state[name],
                set(name, value) { state[name] = value; (calls[`change:${name}`] || []).forEach((call) => call()); },
                save_changes() {}, on: (name, call) => (calls[name] ||= []).push(call), off: (name) => { calls[name] = []; },
            };
            const el = document.body.appendChild(document.createElement("div"));
            const stop = widget.render({ model, el });
            const typed = el.querySelector(".napkin-guess-typed");
            typed.value = "60";
            typed.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
            const heard = state.guess;
            model.set("guess", 500);
            const set = el.querySelector("[role=status]").textContent;
            model.set("guess", null);
            const asked = !el.querySelector(".napkin-guess-asking").hidden;
            stop();
            const again = { ...state }, other = document.body.appendChild(document.createElement("div"));
            widget.render({ model, el: other });
            return { heard, set, asked, before: again.guess, after: state.guess };
        }""",
        [guess._esm, guess._spec],
    )
    assert found == {"heard": 60, "set": "You said 500. It is 281: 1.8 times too many.", "asked": True, "before": None, "after": 60}


def test_axe_finds_nothing(site, chromium):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for address in ("one", "dark"):
        with Watched(chromium, site, viewport={"width": 390, "height": 844}) as watched:
            page = watched.page
            page.goto(f"{site}/{address}.html")
            assert axe.run(page).response["violations"] == []
            say(page, FILL, "60")
            say(page, KEEP, "lots")
            page.locator(f"{FILL} summary").click()
            assert axe.run(page).response["violations"] == []


def test_a_drawing_beside_the_question_does_not_answer_it(opened):
    page = opened("03_kv_cache", reduced_motion="reduce")
    answers = page.locator("svg.napkin-drawing").first.locator("[data-tell*='kv_bytes_per_sequence']")
    assert answers.count() == 1
    assert answers.evaluate_all("all => all.map((one) => getComputedStyle(one).visibility)") == ["hidden"]
    page.locator(".napkin-guess").get_by_role("button", name="Skip").click()
    assert answers.evaluate_all("all => all.map((one) => getComputedStyle(one).visibility)") == ["visible"]
