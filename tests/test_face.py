"""The package as one meets it: every name, its signature, its examples."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import napkin as nk
from napkin import limits

MODULES = [one.name for one in pkgutil.walk_packages(nk.__path__, "napkin.") if not one.name.endswith("__main__")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_where_one_looks_for_them():
    for one in (
        nk.estimate,
        nk.solve_for,
        nk.sensitivity,
        nk.sweep,
        nk.formula,
        nk.refines,
        nk.Scenario,
        nk.Estimate,
        nk.Gpu,
        nk.Model.from_config,
    ):
        assert ">>>" in one.__doc__, one
        assert "Raises" in one.__doc__ or one is nk.Estimate, one


def test_every_formula_and_input_is_an_attribute():
    for name in (*nk.FORMULAS, *nk.INPUTS):
        assert getattr(nk, name) is nk.BOOK.named(name) and name in dir(nk)
    with pytest.raises(AttributeError, match="no attribute 'contxt'; did you mean 'context'"):
        nk.contxt
    assert all(hasattr(nk, name) for name in nk.__all__)


def test_no_submodule_hides_behind_a_name_of_the_package():
    names = {*nk.__all__, *nk.FORMULAS, *nk.INPUTS}
    assert not names & {one.name for one in pkgutil.iter_modules(nk.__path__)}
    assert inspect.ismodule(importlib.import_module("napkin.questions.estimate")) and callable(nk.estimate)


def test_signatures_tell_the_inputs():
    assert inspect.signature(nk.users).parameters["context"].default == 200_000
    for asked in (nk.estimate, nk.solve_for, nk.sensitivity, nk.sweep):
        assert {"model", "gpu", "count", *nk.INPUTS} <= set(inspect.signature(asked).parameters), asked


def test_the_light_package_brings_no_heavy_library_along():
    code = "import sys, napkin; print({'matplotlib', 'anywidget', 'ipywidgets', 'xarray', 'playwright'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "set()"


def test_a_sentence_about_what_binds_follows_the_bits():
    """With 16 bits a weight, tiles would have to be as much wider as the intensities on the same page say."""
    wider = nk.machine_balance(weight_bits=16) / nk.tiled_intensity(weight_bits=16)
    assert wider == pytest.approx(4.39, abs=0.005)
    assert "Tiles 4.39 times as wide" in limits.told([limits.PRODUCT], {"weight_bits": 16})
    with pytest.raises(nk.NapkinError, match="comes to element/byte, which cannot be said in 1"):
        nk.say("{matmul_loads_tiled / bandwidth / (matmul_flops / peak_flops)} times", rows=1000)
