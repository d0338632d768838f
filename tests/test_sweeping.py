"""A sweep against one estimate at a time, in memory, in blocks, and on a cluster."""

import itertools
import subprocess
import sys

import numpy
import pytest
import xarray
from distributed import Client, LocalCluster

import napkin
from napkin import FORMULAS, NapkinError, estimate, sweep
from napkin.questions.sweeping import _parts

GRID = {
    "model": ["Qwen3-32B", "Mixtral-8x7B", "DeepSeek-V3"],
    "gpu": ["H100 SXM", "A100 80GB SXM"],
    "n_gpus": [1, 2, 8],
    "context": [4_000, 32_000],
    "duty_cycle": [0.2, 1.0],
}
RESULTS = ("users", "tokens_per_second_per_user", "cost_per_user_month", "time_to_first_token", "memory_for_cache")


def test_every_point_is_the_estimate():
    """A100s have no fp8 rate, DeepSeek-V3 fits on eight H100 only: those points are NaN, and no others."""
    made = sweep(RESULTS, **GRID, gpu_hour_price=2.5)
    assert dict(made.sizes) == {name: len(values) for name, values in GRID.items()}
    empty = 0
    for point in itertools.product(*GRID.values()):
        point = dict(zip(GRID, point))
        one = estimate(**point, gpu_hour_price=2.5)
        for name in RESULTS:
            found = float(made[name].sel(point))
            try:
                assert found == pytest.approx(one[name], rel=1e-13)
            except NapkinError:
                assert numpy.isnan(found), (name, point)
                empty += 1
    assert 0 < empty < made.users.size * len(RESULTS) / 2


def test_labels_and_units():
    made = sweep("cost_per_user_month", model=["Qwen3-32B"], context=numpy.array([1000, 2000]), kv_bits=[8, 16], count=["reserve"])
    assert made.cost_per_user_month.dims == ("model", "context", "kv_bits")
    assert made.cost_per_user_month.attrs["units"] == "dollar/user/month"
    assert made.context.attrs["units"] == "token" and made.context.values.tolist() == [1000, 2000]
    assert made.model.values.tolist() == ["Qwen3-32B"]
    assert made.cost_per_user_month.attrs["description"] == FORMULAS["cost_per_user_month"].says
    one = float(made.cost_per_user_month.sel(model="Qwen3-32B", context=2000, kv_bits=16))
    assert one == pytest.approx(2 * float(made.cost_per_user_month.sel(model="Qwen3-32B", context=2000, kv_bits=8)), rel=1e-2)


def test_what_a_result_does_not_depend_on_is_a_dimension_too():
    made = sweep(["weight_bytes"], context=[1000, 2000], model=["Qwen3-32B", "Llama-3.1-8B"])
    assert dict(made.sizes) == {"context": 2, "model": 2}
    assert (made.weight_bytes.sel(context=1000) == made.weight_bytes.sel(context=2000)).all()
    assert float(sweep("users", count="article").users) == 6


def test_precision_picks_the_rate():
    made = sweep("compute_seconds", gpu=["H100"], model=["Llama-3.1-8B"], weight_bits=[8, 16], batch=[1], context=[1000], count="weights")
    eight, sixteen = made.compute_seconds.values.ravel()
    assert sixteen / eight == pytest.approx(1979 / 989, rel=1e-3)


@pytest.mark.parametrize("shape", [(), (3,), (250_001,), (7, 300, 400), (2, 1, 5, 99_999)])
def test_blocks_cover_every_point_once(shape):
    count = numpy.zeros(shape)
    for part in _parts(shape):
        assert count[part].size <= 100_000
        count[part] += 1
    assert (count == 1).all()


@pytest.fixture
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster, Client(cluster) as client:
        yield client


def test_the_same_on_a_cluster(cluster):
    """Nothing of ours changes: chunks make Dask arrays, and Dask's own cluster computes them."""
    given = {**GRID, "context": numpy.arange(1_000, 33_000, 1_000), "duty_cycle": numpy.linspace(0.1, 1, 10)}
    here = sweep(RESULTS, **given)
    there = sweep(RESULTS, **given, chunks={"context": 8, "model": 1})
    assert there.users.chunks is not None and there.users.data.npartitions == 12
    computed = cluster.gather(cluster.compute(there))
    xarray.testing.assert_identical(here, computed)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"context": []}, "context is an empty list"),
        ({"contxt": [1, 2]}, "there is no input called 'contxt'"),
        ({"model": ["Qwen3-33B"]}, "the nearest is 'Qwen3-32B'"),
        ({"context": [1, -2]}, "got -2.0 at position 1"),
        ({"results": "user"}, "did you mean 'users'"),
        ({"results": []}, "a sweep needs at least one result"),
        ({"context": [1, 2], "chunks": {"model": 1}}, "chunks names 'model', which is no list of this sweep: those are context"),
        ({"context": numpy.ones((2, 2))}, "context must be a list of values, got an array of 2 dimensions"),
    ],
)
def test_bad_input_gets_one_sentence(given, said):
    with pytest.raises(NapkinError) as caught:
        sweep(**given)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_without_the_extra_it_says_what_to_install():
    code = (
        "import sys; sys.modules['xarray'] = None\n"
        "import napkin\n"
        "try:\n    napkin.sweep(context=[1, 2])\n"
        "except napkin.NapkinError as error:\n    print(error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "a sweep needs xarray, which is not installed: pip install 'inference-on-a-napkin[sweep]'"
    assert napkin.sweep is sweep
