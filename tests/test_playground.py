"""The Python half of the playground: one scenario, checked, shared with ordinary ipywidgets controls."""

import json
import re

import ipywidgets
import numpy
import pytest
from matplotlib import rc_context

from napkin import FORMULAS, INPUTS, Chart, NapkinError, Playground, estimate, gpu, model
from napkin.b200_budget import arithmetic_intensity, attainable_flops, machine_balance, step_seconds
from napkin.capacity import sequences_that_fit, users
from napkin.cost import cost_per_user_month
from napkin.kv_cache import kv_bytes_per_sequence
from napkin.language.graph import BOOK
from napkin.page.page import stops_of
from napkin.page.playground import forget_scenario

bandwidth, batch, context, duty_cycle, intensity, kv_bits, memory, n_kv_heads, peak_flops, weight_bits = (
    INPUTS[name] for name in "bandwidth batch context duty_cycle intensity kv_bits memory n_kv_heads peak_flops weight_bits".split()
)


def make(**more):
    given = {
        "controls": [context, duty_cycle, n_kv_heads, weight_bits, memory],
        "results": [users, cost_per_user_month],
        "chart": Chart(x=context, y=[users, sequences_that_fit]),
        "sentence": "{users} at {context}.",
        "at": {"context": 20_000, "duty_cycle": 0.2},
        **more,
    }
    return Playground(**given)


def page_of(playground, script=True):
    return playground._page.figure(playground.case, script)


def test_value_holds_every_base_input_and_results_follow():
    playground = make()
    assert playground.value["context"] == 20_000
    assert playground.value["head_dim"] == 128, "an input that is no control is in force too"
    assert "batch" not in playground.value, "as many as fit is no number to give"
    assert playground.results == {"users": 305, "cost_per_user_month": pytest.approx(9.4426, abs=1e-4)}
    playground.value = {"context": 200_000}
    assert playground.results["users"] == 30
    for name, number in playground.results.items():
        assert FORMULAS[name](**playground.value) == number


def test_a_control_is_linked_both_ways():
    playground = make()
    control = playground["context"]
    assert isinstance(control, ipywidgets.Widget)
    assert control is playground["context"]
    control.value = 40_000
    assert playground.value["context"] == 40_000
    assert playground.results["users"] == 150
    playground.value = {"context": 4_000}
    assert control.value == pytest.approx(4_000)
    assert ipywidgets.VBox([control]).children == (control,)
    seen = []
    ipywidgets.interactive_output(lambda context: seen.append(context), {"context": control})
    control.value = 10_000
    assert seen[-1] == 10_000
    other = ipywidgets.IntText()
    ipywidgets.link((control, "value"), (other, "value"))
    other.value = 5_000
    assert playground.value["context"] == 5_000


def test_a_value_beyond_the_slider_is_kept():
    playground = make()
    control = playground["context"]
    playground.value = {"context": 3}
    assert playground.value["context"] == control.value == 3


def test_a_slider_rests_where_the_page_does_and_alters_nothing():
    playground = make()
    control = playground["context"]
    assert control._options_labels[-1] == "1,000,000 tokens" and len(control.options) == len(stops_of(context))
    heard = []
    control.observe(lambda change: heard.append(change["new"]), "value")
    for value in (20_001, 3, 5_000, 2_000_000):
        playground.value = {"context": value}
        assert control.value == playground.value["context"] == value and type(control.value) is int
        assert control.label == f"{value:,} tokens"
    assert heard == [20_001, 3, 5_000, 2_000_000]  # nothing in between
    control.index = 0
    assert playground.value["context"] == context.low
    with pytest.raises(NapkinError, match="context must be"):
        control.value = 0.5
    assert control.value == playground.value["context"] == context.low


@pytest.mark.parametrize("name", list(INPUTS))
def test_every_input_has_a_control(name):
    # the first formula that needs it, with every refinement let in
    flags = {one: 1 for one, known in INPUTS.items() if known.flag and one != "as_the_article"}
    view = BOOK.under({**flags, name: None, "draft_length": None})
    using = next(
        one
        for one in FORMULAS
        if name in view.inputs(one) or any(name in refinement.switches for refinement in BOOK.refinements.get(one, ()))
    )
    at = {**({} if INPUTS[name].flag else flags), "n_experts": 64, "draft_length": 4}
    if name in ("expert_parameters", "active_parameters"):
        at["parameters"] = 2e12  # parts of the whole
    playground = Playground([name], [using], at=at)
    control = playground[name]
    assert control.value == pytest.approx(playground.value[name])
    known = INPUTS[name]
    low, high = (min(known.choices), max(known.choices)) if known.choices else (known.low, known.high)
    if name not in ("n_heads", "n_kv_heads", "n_experts"):
        for end in (low, high):
            control.value = end
            assert playground.value[name] == pytest.approx(end)
    if known.between:  # what is none of the list joins it
        playground.value = {name: 4.5}
        assert control.value == 4.5 and control.label == "4.5"


def test_refusals_lose_nothing():
    playground = make(results=[users, arithmetic_intensity])
    control = playground["n_kv_heads"]
    before = dict(playground.value)
    for bad, said in (
        ({"n_kv_heads": 7}, "n_heads must be a multiple of n_kv_heads"),
        ({"context": -1}, "got -1"),
        ({"contxt": 1}, "did you mean 'context'"),
        ({"context": [1, 2]}, "a playground takes one number for context"),
    ):
        with pytest.raises(NapkinError, match=re.escape(said)):
            playground.value = bad
        assert playground.value == before
    with pytest.raises(NapkinError, match="n_heads must be a multiple"):
        control.value = 7
    assert playground.value == before
    assert control.value == 8
    with pytest.raises(NapkinError, match="this playground has no input 'contex'; did you mean 'context'"):
        playground["contex"]


def test_peak_follows_the_precision():
    playground = make(controls=[weight_bits, peak_flops, bandwidth], results=[machine_balance, step_seconds], chart=None, sentence="")
    playground["weight_bits"].value = 16
    assert playground.value["peak_flops"] == 2.25e15
    assert playground.results["machine_balance"] == 281.25
    playground.value = {"peak_flops": 1e15}
    playground.value = {"weight_bits": 8}
    assert playground.value["peak_flops"] == 2e15, "a peak of one's own follows too"
    playground.value = {"weight_bits": 4, "peak_flops": 7e15}
    assert playground.value["peak_flops"] == 7e15, "both given: both taken"


def test_where_nothing_fits_results_are_nan_and_the_page_says_why():
    playground = make()
    playground.value = {"memory": 8e9}
    assert all(number != number for number in playground.results.values())
    page = playground._page.figure(playground.case, script=False)
    assert "does not fit: needs 34.6 GB, has 8 GB, 26.6 GB are missing" in page
    outputs = re.findall(r"<output [^>]*>", page)
    assert outputs and not any("data-value" in output for output in outputs)
    assert "Does not fit: needs" in page


def test_the_static_face_is_finished():
    page = page_of(make())
    assert '<output name="users" data-value="305">305 users</output>' in page
    assert ">$9.44</output>" in page
    assert "305 users at 20,000 tokens." in page
    inputs = json.loads(re.search(r"data-inputs=\"([^\"]*)\"", page)[1].replace("&quot;", '"'))
    assert FORMULAS["users"](**inputs) == 305
    assert page.count("<svg") == 1
    assert set(re.findall(r'data-curve="(\w+)"', page)) == {"users", "sequences_that_fit"}
    for name in ("context", "duty_cycle", "n_kv_heads", "weight_bits", "memory"):
        control = re.search(rf'<(?:input type="range"|select) id="([^"]+)" name="{name}"', page)
        assert f'<label for="{control[1]}"' in page
    assert "eval(" not in page and "new Function" not in page


def test_the_bundle_has_a_face_for_every_viewer():
    bundle, _ = make()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert bundle["text/plain"].startswith("<Playground playground-users: users=305 users")


def test_two_playgrounds_and_two_runs_make_the_same_page():
    assert page_of(make()) == page_of(make())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"controls": ["contxt"]}, "there is no input called 'contxt'; did you mean 'context'"),
        ({"controls": [users]}, "users is a result"),
        ({"results": ["user"]}, "there is no formula called 'user'; did you mean 'users'"),
        ({"results": []}, "at least one result"),
        ({"sentence": "{user}"}, "there is no formula called 'user'"),
        ({"sentence": "{"}, "a sentence is a text in which names stand between { and }, got '{'"),
        ({"sentence": "{users!r}"}, "got '{users!r}'"),
        ({"sentence": 5}, "got 5"),
        ({"at": [1]}, "at is a dict of inputs by name, got [1]"),
        ({"controls": 5}, "controls is a list, got 5"),
        ({"chart": 5}, "chart is a Chart or a Drawing, got 5"),
        ({"name": 5}, "name is a text, got 5"),
        ({"at": {"context": 0}}, "context must be a whole number"),
        ({"at": {"kv_bits": 33}}, "kv_bits must be one of"),
        ({"controls": [batch], "results": [step_seconds], "at": {"memory": 1e9}}, "batch has no number to start from"),
    ],
)
def test_a_playground_made_wrongly_says_so(wrong, said):
    with pytest.raises(NapkinError, match=re.escape(said)):
        make(**wrong)


def test_a_chart_made_wrongly_says_so():
    with pytest.raises(NapkinError, match="one to 3 curves, got 0"):
        Chart(x=context, y=[])
    with pytest.raises(NapkinError, match="log names axes"):
        Chart(x=context, y=[users], log="yes")


def test_axes_stay_put_while_a_curve_moves():
    chart = Chart(x=context, y=[kv_bytes_per_sequence, memory])
    start = make().value
    moved = {**start, "kv_bits": 16}
    still = chart.figure(start, start).axes[0]
    now = chart.figure(moved, start).axes[0]
    assert (still.get_xlim(), still.get_ylim()) == (now.get_xlim(), now.get_ylim())
    curve = [line.get_ydata() for line in now.lines if line.get_gid() == "curve-kv_bytes_per_sequence"][0]
    assert numpy.allclose(curve, kv_bytes_per_sequence(context=chart.grid, kv_bits=16))


def test_a_reader_may_have_changed_matplotlib():
    """LaTeX is not asked for, nothing is cropped, and the picture is the same."""
    quiet = page_of(make(), script=False)
    with rc_context(
        {"lines.linewidth": 9, "font.size": 30, "text.usetex": True, "savefig.bbox": "tight", "axes.xmargin": 0.3, "savefig.dpi": 20}
    ):
        loud = page_of(make(), script=False)
        assert 'viewBox="0 0 374.4 252"' in Playground([context], [users], Chart(x=context, y=[users]), name="loud")._html
    assert "var(--napkin-ink" in loud and loud == quiet


def test_points_of_a_roofline_lie_on_it():
    chart = Chart(x=intensity, y=[attainable_flops], points=[(arithmetic_intensity, None, "your step")])
    playground = Playground([batch, kv_bits], [arithmetic_intensity], chart, at={"batch": 6})
    assert "intensity" not in playground.value, "the axis is no input of the scenario"
    figure = chart.figure(playground.value, playground.value)
    (dot,) = [line for line in figure.axes[0].lines if line.get_gid() == "still-point"]
    where = figure.axes[0].transData.inverted().transform(figure.axes[0].transAxes.transform((dot.get_xdata()[0], dot.get_ydata()[0])))
    assert where == pytest.approx([15.3238, 15.3238 * 8e12], rel=1e-3)


def test_pictures_round_coordinates_but_no_words():
    """A text of two decimals keeps them, a coordinate of ten does not."""
    from napkin.page.picture import Picture

    def drawn(axes, colours):
        axes.plot([0, 1 / 3], [0, 1 / 7])
        axes.text(0.1, 0.1, "8.96 ms")

    svg = Picture(drawn, "a line")._repr_mimebundle_()["text/html"]
    assert "8.96 ms" in svg
    assert not re.search(r"\d\.\d{3}", svg.split("<style", 1)[0])


def test_one_scenario_for_all_playgrounds_of_a_notebook():
    first = make(results=[users, FORMULAS["tokens_per_second"]])
    second = make(controls=[batch], results=[step_seconds], chart=None, sentence="", at={"batch": 4})
    first.value = {"context": 5_000, "weight_bits": 4}
    assert second.value["context"] == 5_000 and second.value["weight_bits"] == 4
    assert second.value["peak_flops"] == 2 * INPUTS["peak_flops"].default, "the rate follows the precision there too"
    assert second.results["step_seconds"] == FORMULAS["step_seconds"](**second.value)
    second["batch"].value = 9
    assert first.value["batch"] == 9, "what one does not show it still computes with"
    later = make()
    assert later.value["context"] == 5_000, "a cell that runs later joins in"
    forget_scenario()
    assert (first.value["context"], second.value["context"], second.value["batch"]) == (20_000, 200_000, 4)
    assert "batch" not in first.value


def test_a_playground_may_keep_to_itself():
    shared, alone = make(), make(shared=False)
    shared.value = {"context": 5_000}
    assert alone.value["context"] == 20_000
    alone.value = {"context": 7_000}
    assert shared.value["context"] == 5_000
    forget_scenario()
    assert alone.value["context"] == 7_000


def test_a_refused_value_is_set_nowhere():
    first, second = make(), make()
    with pytest.raises(NapkinError, match="context must be"):
        first.value = {"context": -1}
    with pytest.raises(NapkinError, match="no GPU called 'B20'; the nearest is 'B200 SXM'"):
        first.value = {"gpu": "B20"}
    assert first.value["context"] == second.value["context"] == 20_000


def test_the_catalogue_as_controls():
    playground = make(controls=[model, gpu, context, duty_cycle, weight_bits, memory])
    playground.value = {"gpu": "h100", "model": "Qwen3-32B"}
    expected = estimate("Qwen3-32B", "H100 SXM", context=20_000, duty_cycle=0.2)
    assert playground.chosen == {"model": "Qwen3-32B", "gpu": "H100 SXM"}
    assert playground.results == {name: expected[name] for name in playground.results}
    control = playground["gpu"]
    assert control.value == "H100 SXM"
    control.value = "H200 SXM"
    assert playground.value["memory"] == gpu("H200 SXM").memory
    playground.value = {"memory": 100e9}
    assert playground.value["memory"] == 100e9 and playground.chosen["gpu"] == "H200 SXM"
    control.value = "B200 SXM"
    assert playground.value["memory"] == gpu("B200 SXM").memory, "a name brings its own facts"
    playground.chosen = {"gpu": ""}  # as the page's list does
    assert playground.value["memory"] == 192e9
    page = page_of(playground)
    assert '<select id="playground-users--gpu" name="gpu"' in page and ">B200<" in page


def test_what_nobody_publishes_has_no_result():
    playground = make(results=[FORMULAS["sequences_that_fit"], FORMULAS["tokens_per_second"]])
    playground.value = {"gpu": "Apple M4 Max", "weight_bits": 4}
    assert playground.unknown["peak_flops"] == "no fp4 rate is published for the Apple M4 Max"
    assert numpy.isnan(playground.results["tokens_per_second"]) and playground.results["sequences_that_fit"] > 0
    playground.value = {"gpu": "H100 SXM", "weight_bits": 4}
    assert playground.results["tokens_per_second"] > 0 and playground.unknown == {}


def test_what_binds_stands_in_the_page():
    playground = make(results=[users, step_seconds])
    assert "Memory capacity limits the users" in page_of(playground) and "Memory bandwidth limits a step" in page_of(playground)
    playground.value = {"bandwidth": 1e15}
    assert "Compute limits a step" in page_of(playground)


def test_what_a_front_end_sends_is_set_too():
    first, second = (make(results=[users, FORMULAS["tokens_per_second"]]) for _ in range(2))
    first.set_state({"value": {**first.value, "context": 5_000}})
    assert first.value["context"] == second.value["context"] == 5_000
    first.set_state({"value": {**first.value, "weight_bits": 4, "peak_flops": 9e15}})  # the page's script has scaled the rate
    assert second.value["peak_flops"] == 9e15
    second.value = {"weight_bits": 16}
    assert first.value["peak_flops"] == 2.25e15, "a rate that only followed goes on following"
    first.set_state({"chosen": {"gpu": "H200 SXM"}})
    assert second.value["memory"] == gpu("H200 SXM").memory
    first.set_state({"_resets": 1})
    assert second.value["memory"] == 192e9
