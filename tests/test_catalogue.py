"""The catalogue of accelerators and models: what is carried, and how a name is found."""

import copy
import doctest
import math
import pickle
import re
from fractions import Fraction

import numpy as np
import pytest

from napkin import estimate
from napkin.catalogue import Gpu, Model, gpu, gpus, model, models
from napkin.language.errors import NapkinError


def test_rows_carry_value_source_and_date():
    for catalogue in (gpu, model):
        assert len(catalogue) == len(catalogue.names) == len(set(catalogue.names)) == len(list(catalogue)) > 0
        assert [name for name in catalogue.names if name not in catalogue.choices] == [catalogue("article").name]
    for each in gpu:
        assert each.memory > 1e10 and each.source and re.fullmatch(r"20\d\d-\d\d-\d\d", each.date) and 2015 < each.year < 2030, each
        assert all(math.isfinite(rate) and 1e13 < rate < 1e17 for rate in each.rates.values()), each
        assert each.bandwidth is None or 1e11 < each.bandwidth < 1e14, each
        assert each.link_bandwidth is None or 1e10 < each.link_bandwidth < 1e13, each
    for each in model:
        assert each.source and re.fullmatch(r"20\d\d-\d\d-\d\d", each.date) and each.confidence and each.year, each


@pytest.mark.parametrize(("name", "found"), [
    ("B200 SXM", "B200 SXM"), ("b200", "B200 SXM"), ("B200 SXM (HGX/DGX)", "B200 SXM"), ("b200_sxm", "B200 SXM"),
    ("A100", "A100 80GB SXM"), ("a100-80gb", "A100 80GB SXM"), ("H100", "H100 SXM"), ("H200", "H200 SXM"),
    ("GB200", "GB200"), ("B300", "B300 SXM"), ("mi300x", "MI300X"), ("L40S", "L40S"), ("4090", "RTX 4090"),
    ("5090", "RTX 5090"), ("article", "Article B200"), ("H100 PCIe", "H100 PCIe"), ("trillium", "TPU v6e"),
])  # fmt: skip
def test_names_of_accelerators(name, found):
    assert gpu(name).name == found
    assert name in gpu


def test_names_of_models():
    for name in ("Qwen3-32B", "qwen3 32b", "QWEN3_32B", "Qwen/Qwen3-32B"):
        assert model(name) is model["Qwen3-32B"]
    assert model("meta-llama/Llama-3.1-70B").n_layers == 80
    assert isinstance(model("article"), Model) and model("article").name == "Article 32B"


def test_published_figures():
    b200 = gpu("B200")
    assert (b200.bandwidth, b200.rate(8), b200.rate(4), b200.rate(16)) == (7.7e12, 4.5e15, 9e15, 2.25e15)
    assert (b200.memory, b200.link_bandwidth, b200.power) == (192265846784, 900e9, 1000)  # 183,359 MiB
    assert gpu("A100").rates == {16: 312e12}
    assert gpu("V100").rates == {16: 125e12}  # fp16: there was no bf16
    assert gpu("B300").rates[4] == 14e15 and gpu("L40S").memory == 46068 * 2**20


def test_the_article_as_it_is():
    chip, weights = gpu("article"), model("article")
    assert (chip.memory, chip.bandwidth, chip.rate(8)) == (192e9, 8e12, 4.5e15)
    assert "injuly.in" in chip.source and "injuly.in" in weights.source
    assert weights.parameters == weights.active_parameters == 32e9
    assert weights.kv_bytes_per_token(8) == 131_072
    assert weights.full_pair_flops == 4 * 64 * 64 * 128
    assert (weights.d_ff, weights.vocabulary) == (None, None)


@pytest.mark.parametrize(("ask", "answer"), [
    (lambda: gpu("B20"), "no GPU called 'B20'; did you mean 'B200 SXM'?"),
    (lambda: model("Qwen3-23B"), "no model called 'Qwen3-23B'; did you mean 'Qwen3-32B'?"),
    (lambda: gpu("GH200"), "'GH200' may be 'GH200 (96GB HBM3)' or 'GH200 (144GB HBM3e)'"),
    (lambda: gpu("zzzz"), "no GPU called 'zzzz'"),
    (lambda: gpu(7.5), "no GPU called 7.5"),
    (lambda: gpu("A100").rate(8), "no fp8 rate is published for the A100 80GB SXM"),
    (lambda: gpu("H100").rate(4), "no fp4 rate is published for the H100 SXM"),
    (lambda: gpu("Apple M3 Ultra").rate(16), "no bf16 rate is published for the Apple M3 Ultra"),
    (lambda: gpu("B200").rate(6), "no 6-bit rate is published for the B200 SXM"),
    (lambda: gpu("B200").rate([8]), "bits must be a finite number above 0, got [8]"),
    (lambda: gpu.aliases_of("B20"), "no GPU called 'B20'; did you mean 'B200 SXM'?"),
])  # fmt: skip
def test_what_is_not_there_is_said(ask, answer):
    with pytest.raises(NapkinError) as caught:
        ask()
    assert str(caught.value) == answer


def test_a_catalogue_can_be_explored():
    assert gpu.B200_SXM is gpu("B200") and "B200_SXM" in dir(gpu)
    assert model.Qwen3_32B is model("Qwen3-32B") and "Qwen3_32B" in dir(model)
    for catalogue in (gpu, model):
        assert catalogue._ipython_key_completions_() == catalogue.names == [each.name for each in catalogue]
        assert all(identifier.isidentifier() for identifier in dir(catalogue))
        assert all(getattr(catalogue, name) for name in dir(catalogue) if not name.startswith("_"))
        assert all(each.name in catalogue and each in catalogue for each in catalogue)
    assert "abacus" not in gpu
    with pytest.raises(AttributeError, match="did you mean 'H100 SXM'"):
        gpu.H100_SMX
    assert gpu.aliases_of("b200") == gpu.aliases_of("B200 SXM") == gpu("B200").aliases


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_catalogues_and_entries_can_be_copied_and_sent(again):
    for catalogue in (gpu, model):
        entry = catalogue(catalogue.names[0])
        assert again(entry) == entry and hash(again(entry)) == hash(entry)
        assert again(catalogue).names == catalogue.names and again(catalogue)(entry.name) == entry


CARD = {"name": "Mine", "memory": 96e9}


@pytest.mark.parametrize(("fields", "message"), [
    ({"name": ""}, "name must be text that is not empty, got ''"),
    ({"name": None}, "name must be text that is not empty, got None"),
    ({"memory": "96 GB"}, "memory must be a finite number above 0, or None where it is not known, got '96 GB'"),
    ({"memory": True}, "memory must be a finite number above 0, or None where it is not known, got True"),
    ({"memory": 0}, "memory must be a finite number above 0, or None where it is not known, got 0"),
    ({"memory": 10**400}, "memory must be a finite number above 0, or None where it is not known, got 1000"),
    ({"memory": Fraction(10**400)}, "memory must be a finite number above 0, or None where it is not known, got Fraction"),
    ({"bandwidth": math.nan}, "bandwidth must be a finite number above 0, or None where it is not known, got nan"),
    ({"link_bandwidth": math.inf}, "link_bandwidth must be a finite number above 0, or None where it is not known, got inf"),
    ({"power": -700}, "power must be a finite number above 0, or None where it is not known, got -700"),
    ({"year": 2024.5}, "year must be a whole number above 0, or None where it is not known, got 2024.5"),
    ({"rates": None}, "rates must be a mapping from bits to FLOP/s, got None"),
    ({"rates": {"fp8": 1e15}}, "the bits of a rate must be a finite number above 0, got 'fp8'"),
    ({"rates": {0: 1e15}}, "the bits of a rate must be a finite number above 0, got 0"),
    ({"rates": {8: None}}, "the fp8 rate must be a finite number above 0, got None"),
    ({"rates": {6: -1}}, "the 6-bit rate must be a finite number above 0, got -1"),
    ({"aliases": "mine"}, "aliases must be a tuple of names, got 'mine'"),
    ({"notes": 5}, "notes must be text, got 5"),
])  # fmt: skip
def test_a_card_of_ones_own_is_checked_in_one_sentence(fields, message):
    with pytest.raises(NapkinError) as caught:
        Gpu(**{**CARD, **fields})
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


def test_a_card_of_ones_own_takes_numbers_of_numpy_and_any_precision():
    mine = Gpu(name="Mine", memory=np.float32(2**36), bandwidth=np.int64(2 * 10**12), rates={np.int64(6): np.float64(9.2e15), 8: 1e15})
    assert {type(value) for value in (mine.memory, mine.bandwidth, *mine.rates, *mine.rates.values())} <= {int, float}
    assert repr(mine) == "Mine: 68.7 GB, 2 TB/s, 1 PFLOP/s fp8, 9.2 PFLOP/s 6-bit"
    assert "—" in mine._repr_html_() and '"users"' in estimate(gpu=mine, context=1000).to_json()
    rates = {8: 1e15}
    mine = Gpu(**CARD, rates=rates)
    rates[8] = 0
    assert mine.rate(np.int8(8)) == 1e15


def test_the_examples_are_right():
    for module in (gpus, models):
        found = doctest.testmod(module)
        assert found.attempted and not found.failed


def test_a_catalogue_is_a_table():
    for catalogue in (gpu, model):
        lines = catalogue._repr_markdown_().splitlines()
        assert len(lines) == len(catalogue) + 2 and len({line.replace("\\|", "").count("|") for line in lines}) == 1
        assert catalogue._repr_html_().count("<tr>") == len(catalogue) + 1
    row = next(line for line in gpu._repr_markdown_().splitlines() if line.startswith("| A100 80GB"))
    assert "| 2.04 TB/s | 312 TFLOP/s | — | — | 300 GB/s | 400 W |" in row
    assert isinstance(gpu("B200"), Gpu)
    assert repr(gpu("B200")) == "B200 SXM: 192 GB, 7.7 TB/s, 2.25 PFLOP/s bf16, 4.5 PFLOP/s fp8, 9 PFLOP/s fp4"
    assert "NVLink" in gpu("B200")._repr_html_()
