"""The catalogue of accelerators and models: what is carried, and how a name is found."""

import copy
import csv
import doctest
import math
import pickle
import re
import statistics
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from napkin import catalogue as wing
from napkin import estimate
from napkin.catalogue import Catalogue, Gpu, Model, gpu, gpus, model, models, names
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
        assert each.memory == 192e9 or re.match("memory: ", each.notes) or each.name == "Rubin", "what the memory is is said"
    for each in model:
        assert each.source and re.fullmatch(r"20\d\d-\d\d-\d\d", each.date) and each.confidence and each.year, each


def test_the_readme_counts_them():
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert f"{len(gpu.choices)} accelerators" in text and f"{len(model.choices)} models" in text, "beside the article's own"


@pytest.mark.parametrize(("name", "found"), [
    ("B200 SXM", "B200 SXM"), ("b200", "B200 SXM"), ("B200 SXM (HGX/DGX)", "B200 SXM"), ("b200_sxm", "B200 SXM"),
    ("A100", "A100 80GB SXM"), ("a100-80gb", "A100 80GB SXM"), ("H100", "H100 SXM"), ("H200", "H200 SXM"),
    ("GB200", "GB200"), ("B300", "B300 SXM"), ("mi300x", "MI300X"), ("L40S", "L40S"), ("4090", "RTX 4090"),
    ("5090", "RTX 5090"), ("article", "Article B200"), ("H100 PCIe", "H100 PCIe"), ("trillium", "TPU v6e"),
    # as drivers, clouds and logs print them
    ("NVIDIA H100 80GB HBM3", "H100 SXM"), ("H100-SXM5-80GB", "H100 SXM"), ("h100_sxm", "H100 SXM"), ("NVIDIA H100 NVL", "H100 NVL"),
    ("NVIDIA A100-SXM4-80GB", "A100 80GB SXM"), ("A100-SXM4-40GB", "A100 40GB SXM"), ("NVIDIA A100-PCIE-40GB", "A100 40GB PCIe"),
    ("NVIDIA A100 80GB PCIe", "A100 80GB PCIe"), ("NVIDIA A800-SXM4-80GB", "A800 80GB SXM"), ("NVIDIA H800", "H800 SXM"),
    ("NVIDIA B200", "B200 SXM"), ("NVIDIA B300 SXM6 AC", "B300 SXM"), ("NVIDIA H200", "H200 SXM"), ("NVIDIA H200 NVL", "H200 NVL"),
    ("NVIDIA GH200 480GB", "GH200 (96GB HBM3)"), ("NVIDIA GH200 144G HBM3e", "GH200 (144GB HBM3e)"), ("NVIDIA L40S", "L40S"),
    ("NVIDIA L4", "L4"), ("NVIDIA L20", "L20"), ("NVIDIA H20", "H20"), ("NVIDIA A10", "A10"), ("NVIDIA A10G", "A10G"),
    ("Tesla T4", "T4"), ("Tesla V100-SXM2-32GB", "V100 32GB"), ("Tesla V100-SXM2-16GB", "V100 16GB"), ("Tesla P40", "P40"),
    ("NVIDIA GeForce RTX 4090", "RTX 4090"), ("GeForce RTX 2080 Ti", "RTX 2080 Ti"), ("RTX4090", "RTX 4090"),
    ("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada"), ("NVIDIA RTX A6000", "RTX A6000"),
    ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX PRO 6000 Workstation"),
    ("NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", "RTX PRO 6000 Max-Q"),
    ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX PRO 6000"), ("NVIDIA GB10", "DGX Spark"), ("NVIDIA Thor", "Jetson Thor"),
    ("AMD Instinct MI300X OAM", "MI300X"), ("AMD Instinct MI355X", "MI355X"), ("AMD Radeon RX 7900 XTX", "RX 7900 XTX"),
    ("Intel Arc Pro B60", "Arc Pro B60"), ("Google Cloud TPU v5e", "TPU v5e"), ("TPU-v4", "TPU v4"), ("Gaudi2", "Gaudi 2"),
    ("trn2", "Trainium2"), ("Apple M3 Ultra", "Apple M3 Ultra"), ("M1 Max", "Apple M1 Max"), ("Strix Halo", "Ryzen AI Max+ 395"),
    # and with the memory of the label behind
    ("RTX 3090 24GB", "RTX 3090"), ("NVIDIA L4 24GB", "L4"), ("H200-141GB", "H200 SXM"), ("B200 192GB", "B200 SXM"),
    ("MI300X 192 GB", "MI300X"), ("A100 SXM 40GB", "A100 40GB SXM"), ("M3 Ultra 512GB", "Apple M3 Ultra"),
])  # fmt: skip
def test_names_of_accelerators(name, found):
    assert gpu(name).name == found
    assert name in gpu


def test_a_name_as_it_is_written_goes_before_what_is_left_of_it():
    made = Catalogue("model", "none.csv", dict, dict, plain=names.repository)
    made.__dict__["_rows"] = {"Foo": {"name": "Foo", "aliases": ""}, "Foo-2507": {"name": "Foo-2507", "aliases": "Org/Foo-Instruct-2507"}}
    assert [made(name)["name"] for name in ("foo", "Foo-2507", "org/foo-instruct-2507")] == ["Foo", "Foo-2507", "Foo-2507"]
    with pytest.raises(NapkinError, match="may be 'Foo' or 'Foo-2507'"):
        made("Foo-Chat-2507")


def test_no_two_cards_share_a_name_by_what_is_left_out_of_it():
    shared = {name: found for known in gpu._known[:2] for name, found in known.items() if len(found) > 1}
    assert shared == {"a100sxm": ["A100 40GB SXM", "A100 80GB SXM"], "gh200": ["GH200 (96GB HBM3)", "GH200 (144GB HBM3e)"]}
    for each in gpu:
        assert gpu(each.name) is each and all(each.name in gpu._found(alias) for alias in each.aliases), each.name


def test_names_of_models():
    for name in ("Qwen3-32B", "qwen3 32b", "QWEN3_32B", "Qwen/Qwen3-32B"):
        assert model(name) is model["Qwen3-32B"]
    assert model("meta-llama/Llama-3.1-70B").n_layers == 80
    assert isinstance(model("article"), Model) and model("article").name == "Article 32B"
    for each in model:
        assert model(each.name) is each and all(model(alias) is each for alias in model.aliases_of(each.name)), each.name


@pytest.mark.parametrize(("name", "found"), [
    ("meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B"), ("meta-llama/Meta-Llama-3.1-70B-Instruct", "Llama-3.1-70B"),
    ("NousResearch/Meta-Llama-3.1-8B", "Llama-3.1-8B"), ("meta-llama/Llama-2-7b-chat-hf", "Llama-2-7B"),
    ("meta-llama/Llama-2-70b-hf", "Llama-2-70B"), ("Qwen/Qwen3-8B-Base", "Qwen3-8B"), ("Qwen/Qwen2.5-72B-Instruct", "Qwen2.5-72B"),
    ("Qwen/Qwen3-235B-A22B-Instruct-2507", "Qwen3-235B-A22B"), ("Qwen/Qwen3-30B-A3B-Thinking-2507", "Qwen3-30B-A3B"),
    ("Qwen/Qwen3-Next-80B-A3B-Thinking", "Qwen3-Next-80B-A3B"), ("google/gemma-3-27b-it", "Gemma-3-27B"),
    ("google/gemma-3-27b-pt", "Gemma-3-27B"), ("mistralai/Mixtral-8x7B-Instruct-v0.1", "Mixtral-8x7B"),
    ("mistralai/Mistral-7B-Instruct-v0.1", "Mistral-7B-v0.1"), ("deepseek-ai/DeepSeek-R1-0528", "DeepSeek-R1"),
    ("deepseek-ai/DeepSeek-V3-0324", "DeepSeek-V3"), ("deepseek-ai/DeepSeek-V3-Base", "DeepSeek-V3"),
    ("deepseek-ai/DeepSeek-V3.2-Exp", "DeepSeek-V3.2"), ("openai/gpt-oss-120b", "gpt-oss-120b"),
    ("meta-llama/Llama-4-Maverick-17B-128E-Instruct", "Llama-4-Maverick"), ("./models/Qwen3-32B/", "Qwen3-32B"),
    ("gpt-oss:120b", "gpt-oss-120b"), ("llama3.1:8b", "Llama-3.1-8B"), ("qwen3:30b-a3b", "Qwen3-30B-A3B"),  # as Ollama does
])  # fmt: skip
def test_models_as_repositories_call_them(name, found):
    assert model(name).name == found and name in model


@pytest.mark.parametrize(("name", "found"), [
    ("Qwen/Qwen3-32B-FP8", "Qwen3-32B"), ("Qwen/Qwen3-32B-AWQ", "Qwen3-32B"), ("Qwen/Qwen3-32B-GGUF", "Qwen3-32B"),
    ("Qwen3-32B-Q4_K_M.gguf", "Qwen3-32B"), ("mlx-community/Qwen3-32B-4bit", "Qwen3-32B"), ("lmstudio/Qwen3-32B-MLX-4-bit", "Qwen3-32B"),
    ("nvidia/Llama-3.1-8B-Instruct-NVFP4", "Llama-3.1-8B"), ("unsloth/Llama-3.1-8B-Instruct-bnb-4bit", "Llama-3.1-8B"),
    ("RedHatAI/Meta-Llama-3.1-70B-Instruct-FP8-dynamic", "Llama-3.1-70B"), ("RedHatAI/Qwen3-8B-quantized.w4a16", "Qwen3-8B"),
    ("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4", "Qwen2.5-72B"), ("amd/Llama-3.1-405B-Instruct-FP8-KV", "Llama-3.1-405B"),
    ("google/gemma-3-27b-it-qat-q4_0-gguf", "Gemma-3-27B"), ("Llama-3.1-8B-Instruct-INT4", "Llama-3.1-8B"),
    ("llama3.1:8b-instruct-q4_K_M", "Llama-3.1-8B"), ("unsloth/Qwen3-32B-UD-Q4_K_XL", "Qwen3-32B"), ("Qwen3-32B-4-bit", "Qwen3-32B"),
    ("turboderp/Qwen3-32B-4.0bpw-exl3", "Qwen3-32B"), ("Qwen3-32B-bf16", "Qwen3-32B"),
])  # fmt: skip
def test_a_format_in_a_name_is_never_dropped(name, found):
    with pytest.raises(NapkinError) as caught:
        model(name)
    says = f"is {found} in another format: name {found} and give weight_bits, or hand over its config.json"
    assert str(caught.value) == f"{name!r} {says}" and name not in model


def test_published_figures():
    b200 = gpu("B200")
    assert (b200.bandwidth, b200.rate(8), b200.rate(4), b200.rate(16)) == (7.7e12, 4.5e15, 9e15, 2.25e15)
    assert (b200.memory, b200.link_bandwidth, b200.power) == (192265846784, 900e9, 1000)  # 183,359 MiB
    assert gpu("A100").rates == {16: 312e12}
    assert gpu("V100").rates == {16: 125e12}  # fp16: there was no bf16
    assert gpu("B300").rates[4] == 14e15 and gpu("Rubin").memory == 288e9


@pytest.mark.parametrize(("name", "reported"), [  # GiB, as engines and drivers report them
    ("H100", 79.18), ("A100", 79.15), ("A100 40GB", 39.49), ("RTX 4090", 23.55), ("RTX 5090", 31.36), ("H200", 139.81), ("L40S", 44.40),
    ("RTX 3090", 23.58), ("T4", 14.56), ("L4", 22.03), ("A10G", 22.06), ("B200", 178.36), ("B300", 267.69), ("GB200", 184.31),
    ("MI300X", 191.98), ("MI325X", 255.98), ("MI355X", 287.98), ("RTX PRO 6000", 94.97), ("H20", 95.0), ("H100 NVL", 93.10),
    ("V100", 31.73), ("RTX A6000", 47.40), ("RTX 6000 Ada", 47.48), ("A40", 44.42), ("Jetson Thor", 122.80), ("DGX Spark", 121.69),
])  # fmt: skip
def test_memory_is_what_a_program_sees(name, reported):
    assert gpu(name).memory == pytest.approx(reported * 2**30, rel=0.005)


def test_rates_of_cards_against_their_data_sheets():
    """Dense TFLOP/s and GB/s, by hand from the vendors' sheets."""
    sheets = {
        "T4": ({16: 65}, 320), "A10": ({16: 125}, 600), "A30": ({16: 165}, 933), "A40": ({16: 149.7}, 696), "L40": ({16: 181.05, 8: 362.1}, 864),
        "L20": ({16: 119.5, 8: 239}, 864), "H20": ({16: 148, 8: 296}, 4000), "H100 NVL": ({16: 1671 / 2, 8: 3341 / 2}, 3938),
        "RTX 3090": ({16: 71}, 936), "RTX A6000": ({16: 154.8}, 768), "RTX 6000 Ada": ({16: 364.2, 8: 728.5}, 960),
        "RTX 5080": ({16: 1801 / 16, 8: 1801 / 8, 4: 1801 / 2}, 960), "RTX 5070 Ti": ({16: 1406 / 16, 8: 1406 / 8, 4: 1406 / 2}, 896),
        "MI210": ({16: 181}, 1638.4), "MI300A": ({16: 980.6, 8: 1961.2}, 5300), "MI350X": ({16: 2306.9, 8: 4613.7, 4: 9227.5}, 8000),
        "Gaudi 2": ({16: 432, 8: 865}, 2450), "Trainium2": ({16: 667, 8: 1299}, 2900), "TPU v4": ({16: 275}, 1228),
        "Apple M2 Ultra": ({}, 800), "Apple M4 Pro": ({}, 273),
    }  # fmt: skip
    for name, (rates, bandwidth) in sheets.items():
        assert {bits: rate / 1e12 for bits, rate in gpu(name).rates.items()} == pytest.approx(rates, rel=2e-3), name
        assert gpu(name).bandwidth == pytest.approx(bandwidth * 1e9), name


def test_prices_are_medians_of_the_table():
    with (Path(wing.__file__).parent / "data" / "prices.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["kind"] for row in rows} == {"on demand", "reserved", "spot", "purchase"}
    assert all(row["source"] and row["provider"] and re.fullmatch(r"20\d\d(-\d\d){0,2}", row["date"]) for row in rows)
    assert {row["unit"] for row in rows if row["kind"] == "purchase"} == {"dollar"}
    assert {row["unit"] for row in rows if row["kind"] != "purchase"} == {"dollar/hour"}
    assert {row["gpu"] for row in rows} <= set(gpu.choices)
    for each in gpu:
        rents, mine = defaultdict(list), [row for row in rows if row["gpu"] == each.name]
        for row in mine:
            if row["kind"] == "on demand":
                rents[row["provider"]].append((row["date"], float(row["value"])))
        last = [[rent for date, rent in given if date == max(given)[0]] for given in rents.values()]
        bought = [float(row["value"]) for row in mine if row["kind"] == "purchase"]
        assert each.gpu_price == (statistics.median(bought) if bought else None), each.name
        if last:
            assert each.gpu_hour_price == pytest.approx(statistics.median(map(statistics.median, last)), abs=1e-4), each.name
            assert each.price_range == (min(map(min, last)), max(map(max, last))), each.name
            assert each.priced.startswith(f"on demand, {len(last)} provider"), each.name
        else:
            assert (each.gpu_hour_price, each.price_range) == (None, None) and "on demand" not in each.priced, each.name
        assert bool(each.priced) == bool(last or bought) and ("to buy, " in each.priced) == bool(bought), each.name
    h100 = gpu("H100")  # Akash 2.71, Hyperstack 3.20, RunPod 3.34, Nebius 3.85, Lambda 4.14, Vast 6.15, AWS 6.88, GCP 10.98, Azure 12.29
    assert (h100.gpu_hour_price, h100.gpu_price, h100.price_range) == (4.14, 30_000, (2.69, 12.29))
    assert h100.priced == "on demand, 9 providers, August to November 2026; to buy, 4 sources, August 2023 to 2026"
    assert gpu("RTX 5090").priced == "to buy, 1 source, January 2025"
    assert gpu("L40S").priced == "on demand, 2 providers, September 2026"
    assert gpu("article").gpu_hour_price is gpu("article").gpu_price is None
    shown = h100._repr_html_()
    assert "$4.14" in shown and "$30,000" in shown and "$2.69 to $12.29" in shown and "on demand, 9 providers" in shown


def test_the_article_as_it_is():
    chip, weights = gpu("article"), model("article")
    assert (chip.memory, chip.bandwidth, chip.rate(8)) == (192e9, 8e12, 4.5e15)
    assert "injuly.in" in chip.source and "injuly.in" in weights.source
    assert weights.parameters == weights.active_parameters == 32e9
    assert weights.kv_bytes_per_token(8) == 131_072
    assert weights.full_pair_flops == 4 * 64 * 64 * 128
    assert (weights.d_ff, weights.vocabulary) == (None, None)


CARD_OF_ONES_OWN = "; any card can be given by its numbers, Gpu(name=…, memory=…, bandwidth=…, rates=…)"
MODEL_OF_ONES_OWN = "; any model can be given by its config.json or its numbers"


@pytest.mark.parametrize(("ask", "answer"), [
    (lambda: gpu("B20"), "no GPU called 'B20'; the nearest is 'B200 SXM' (192 GB, 7.7 TB/s)" + CARD_OF_ONES_OWN),
    (lambda: model("Qwen3-23B"), "no model called 'Qwen3-23B'; the nearest is 'Qwen3-32B' (32.8 billion weights)" + MODEL_OF_ONES_OWN),
    (lambda: gpu("GH200"), "'GH200' may be 'GH200 (96GB HBM3)' or 'GH200 (144GB HBM3e)'"),
    (lambda: gpu("zzzz"), "no GPU called 'zzzz'" + CARD_OF_ONES_OWN),
    (lambda: model("zzzz"), "no model called 'zzzz'" + MODEL_OF_ONES_OWN),
    (lambda: gpu("H30"), "no GPU called 'H30'; the nearest is 'H20' (102 GB, 4 TB/s)" + CARD_OF_ONES_OWN),
    (lambda: gpu("RTX 4090 48GB"), "no GPU called 'RTX 4090 48GB'; the nearest is 'RTX 4090' (25.3 GB, 1.01 TB/s)" + CARD_OF_ONES_OWN),
    (lambda: gpu("10 GB"), "no GPU called '10 GB'" + CARD_OF_ONES_OWN),
    (lambda: gpu("A100 SXM"), "'A100 SXM' may be 'A100 40GB SXM' or 'A100 80GB SXM'"),
    (lambda: gpu(7.5), "no GPU called 7.5" + CARD_OF_ONES_OWN),
    (lambda: gpu("A100").rate(8), "no fp8 rate is published for the A100 80GB SXM"),
    (lambda: gpu("H100").rate(4), "no fp4 rate is published for the H100 SXM"),
    (lambda: gpu("Apple M3 Ultra").rate(16), "no bf16 rate is published for the Apple M3 Ultra"),
    (lambda: gpu("B200").rate(6), "no 6-bit rate is published for the B200 SXM"),
    (lambda: gpu("B200").rate([8]), "bits must be a finite number above 0, got [8]"),
    (lambda: gpu.aliases_of("B20"), "no GPU called 'B20'; the nearest is 'B200 SXM' (192 GB, 7.7 TB/s)" + CARD_OF_ONES_OWN),
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
    with pytest.raises(AttributeError, match="the nearest is 'H100 SXM'"):
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
    ({"gpu_hour_price": 0}, "gpu_hour_price must be a finite number above 0, or None where it is not known, got 0"),
    ({"gpu_price": "$5"}, "gpu_price must be a finite number above 0, or None where it is not known, got '$5'"),
    ({"price_range": 5}, "price_range must be the lowest and the highest rent, got 5"),
    ({"price_range": (2, None)}, "a rent of price_range must be a finite number above 0, got None"),
    ({"price_range": (3, 2)}, "price_range must have the lowest rent first, got (3, 2)"),
    ({"priced": None}, "priced must be text, got None"),
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
    for module in (gpus, models, names):
        found = doctest.testmod(module)
        assert found.attempted and not found.failed


def test_a_catalogue_is_a_table():
    for catalogue in (gpu, model):
        lines = catalogue._repr_markdown_().splitlines()
        assert len(lines) == len(catalogue) + 2 and len({line.replace("\\|", "").count("|") for line in lines}) == 1
        assert catalogue._repr_html_().count("<tr>") == len(catalogue) + 1
    row = next(line for line in gpu._repr_markdown_().splitlines() if line.startswith("| A100 80GB"))
    assert "| 2.04 TB/s | 312 TFLOP/s | — | — | 300 GB/s | 400 W | $1.79 | $15,000 |" in row
    assert isinstance(gpu("B200"), Gpu)
    assert repr(gpu("B200")) == "B200 SXM: 192 GB, 7.7 TB/s, 2.25 PFLOP/s bf16, 4.5 PFLOP/s fp8, 9 PFLOP/s fp4"
    assert "NVLink" in gpu("B200")._repr_html_()
