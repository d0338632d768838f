"""The catalogue of accelerators and models: what is carried, and how a name is found."""

import copy
import math

import pytest

from napkin.catalogue import Gpu, Model, gpu, model
from napkin.language.inputs import NapkinError


def test_rows_carry_value_source_and_date():
    assert len(gpu) == 32 and len(model) == 38
    for each in gpu:
        assert each.memory > 1e10 and each.source and each.date == "2026-11-22" and 2015 < each.year < 2030, each
        assert all(math.isfinite(rate) and 1e13 < rate < 1e17 for rate in each.rates.values()), each
        assert each.bandwidth is None or 1e11 < each.bandwidth < 1e14, each
        assert each.link_bandwidth is None or 1e10 < each.link_bandwidth < 1e13, each
    for each in model:
        assert each.source and each.date == "2026-11-22" and each.confidence and each.year, each


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
        gpu.H100_SMX  # noqa: B018
    assert copy.deepcopy(gpu("H100")) == gpu("H100") and isinstance(hash(gpu("H100")), int)


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
