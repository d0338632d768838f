"""The command line says what the package says, and one clear line where it cannot."""

import json
import os
import subprocess
import sys

import pytest

from napkin import INPUTS, estimate
from napkin.__main__ import main, number
from napkin.language.numbers import show

from .numbers_as_read import TABLE


def run(capsys, *arguments):
    status = main([str(one) for one in arguments])
    return status, *capsys.readouterr()


def test_the_napkin_in_a_terminal():
    found = subprocess.run(
        [sys.executable, "-m", "napkin", "--model", "Qwen3-32B", "--gpu", "B200 SXM", "--context", "20000"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == repr(estimate("Qwen3-32B", "B200 SXM", context=20_000))
    assert "20 conversations" in found.stdout and found.stderr == ""


def test_json_for_machines(capsys):
    status, out, err = run(capsys, "--model", "Mixtral-8x7B", "--gpu", "h200", "--n-gpus", 2, "--context", "8k", "--kv-bits", 16, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == json.loads(estimate("Mixtral-8x7B", "H200", 2, context=8000, kv_bits=16).to_json())


def test_a_config_of_ones_own(capsys, tmp_path):
    config = {
        "model_type": "llama",
        "hidden_size": 1024,
        "num_hidden_layers": 4,
        "num_attention_heads": 16,
        "num_key_value_heads": 4,
        "intermediate_size": 4096,
        "vocab_size": 1000,
        "max_position_embeddings": 2048,
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    status, out, _ = run(capsys, "--config", path, "--context", 1000, "--json")
    assert status == 0
    assert json.loads(out)["quantities"]["kv_bytes_per_token"]["value"] == 2 * 4 * 4 * 64 * 2


def test_every_input_is_an_option(capsys):
    for name, known in INPUTS.items():
        if known.flag or known.computed:
            continue
        status, _, err = run(capsys, f"--{name.replace('_', '-')}", repr(known.default), "--json")
        assert status == 0, err


def test_counting_in_words(capsys):
    status, out, _ = run(capsys, "--count", "weights,caches", "--model", "gpt-oss-20b", "--gpu", "H100", "--json")
    inputs = json.loads(out)["inputs"]
    assert status == 0 and inputs["count_weights"] == inputs["count_caches"] == 1 and "count_formats" not in inputs
    status, out, _ = run(capsys, "--list", "gpus")
    assert status == 0 and "B200 SXM" in out.splitlines()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20000", 20_000),
        ("20_000", 20_000),
        ("20,000", 20_000),
        ("2e4", 20_000),
        ("20k", 20_000),
        ("0.2", 0.2),
        ("192G", 192e9),
        ("8T", 8e12),
        ("1.5M", 1_500_000),
        ("1,234,567.5", 1_234_567.5),
        ("-20,000", -20_000),
    ],
)
def test_numbers_as_people_type_them(text, value):
    assert number(text) == value and type(number(text)) is (int if value == int(value) else float)


@pytest.mark.parametrize(("text", "unit", "value"), [
    ("20%", "percent", 0.2), ("20 %", "sequence/user", 0.2), ("0.2", "percent", 0.2), ("12.5%", "percent", 0.125), ("8k", "token", 8000),
    ("8K tokens", "token", 8000), ("1 token", "token", 1), ("1,000", "token", 1000), ("4.5e3", "token", 4500), ("20 000", "token", 20_000),
    ("192GB", "byte", 192e9), ("192 gb", "byte", 192e9), ("80GiB", "byte", 80 * 2**30), ("3.35 TB/s", "byte/second", 3.35e12),
    ("4.5 PFLOP/s", "FLOP/second", 4.5e15), ("989T", "FLOP/second", 989e12), ("30ms", "second", 0.03), ("5 us", "second", 5e-6),
    ("$4", "dollar/hour", 4), ("4 $", "dollar/hour", 4), ("$40,000", "dollar", 40_000), ("$40k", "dollar", 40_000), ("32B", "1", 32e9),
    ("32 billion", "1", 32e9), ("1.3 kW", "watt", 1300), ("700W", "watt", 700), ("16 bit", "bit", 16), ("-5", "token", -5),
])  # fmt: skip
def test_numbers_with_their_units(text, unit, value):
    assert number(text, unit) == value


@pytest.mark.parametrize(("text", "unit"), [
    ("20%", "token"), ("30ms", "token"), ("5m", "second"), ("80GiB", "second"), ("5 GB/s", "byte"), ("$4", "byte"), ("20k", "percent"),
    ("5e", "byte"), ("", "token"), ("1,00", "token"), ("1_0", "token"), ("--5", "token"), ("banana", "token"), ("5 5", "token"),
])  # fmt: skip
def test_what_is_no_number_of_this_unit(text, unit):
    with pytest.raises(ValueError, match=""):
        number(text, unit)


def test_what_is_shown_is_taken_back():
    """The table of how people read numbers, backwards: with all its digits what `show` writes is read as what it was."""
    for value, unit, _, _ in TABLE:
        if 0 <= value < 1e21 and "dollar" not in unit:  # dollars are told to the cent
            assert number(show(value, unit, 17), unit) == pytest.approx(value, rel=1e-12), (value, unit)


def test_options_take_numbers_with_units(capsys):
    given = [
        "--context",
        "8k",
        "--duty-cycle",
        "20%",
        "--memory",
        "80 GiB",
        "--bandwidth",
        "3.35TB/s",
        "--gpu-hour-price",
        "$2.50",
        "--json",
    ]
    status, out, err = run(capsys, *given)
    assert (status, err) == (0, "")
    inputs = json.loads(out)["inputs"]
    assert [inputs[name] for name in ("context", "duty_cycle", "memory", "bandwidth", "gpu_hour_price")] == [
        8000,
        0.2,
        80 * 2**30,
        3.35e12,
        2.5,
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--context", "20%"], "argument --context: must be a number of tokens, got '20%'"),
        (["--memory", "80 GB/s"], "argument --memory: must be a number of bytes, got '80 GB/s'"),
        (["--duty-cycle", "20x"], "argument --duty-cycle: must be a number, or a percentage, got '20x'"),
        (["--duty-cycle", "120%"], "duty_cycle must be"),
        (["--model", "Qwen3-33B"], "no model called 'Qwen3-33B'; the nearest is 'Qwen3-32B' (32.8 billion weights)"),
        (["--gpu", "B20"], "the nearest is 'B200 SXM' (192 GB, 7.7 TB/s)"),
        (["--context", "banana"], "argument --context: must be a number, got 'banana'"),
        (["--context", "-5"], "context must be a whole number, at least 1 token, got -5"),
        (["--context", "nan"], "got nan"),
        (["--gpu-hour-price", "2,5"], "argument --gpu-hour-price: must be a number, with a point before its decimals, got '2,5'"),
        (["--electricity-price", "0,25"], "got '0,25'"),
        (["--power", "1.300,5"], "got '1.300,5'"),
        (["--context", "20,00"], "got '20,00'"),
        (["--n-gpus", "inf"], "n_gpus must be a whole number, at least 1, got inf"),
        (["--n-gpus", "4", "--tensor-parallel", "0"], "tensor_parallel must be a whole number, at least 1, got 0"),
        (["--n-gpus", "4", "--pipeline-parallel", "-1"], "pipeline_parallel must be a whole number, at least 1, got -1"),
        (["--n-gpus", "4", "--n-heads", "1.5"], "n_heads must be a whole number, at least 1, got 1.5"),
        (["--attention-bits", "7"], "attention_bits must be one of 4 (fp4)"),
        (["--link", "index.html#full-is-full"], "there is no scenario in 'index.html#full-is-full'"),
        (["--link", "#contxt=5"], "'contxt=5' of the link is not understood; did you mean 'context'?"),
        (["--contxt", "5"], "unrecognized arguments: --contxt 5"),
        (["--config", "nowhere.json"], "there is no file 'nowhere.json'"),
        (["--config", "nowhere.json", "--model", "Qwen3-32B"], "give --model or --config, not both"),
        (["--n-gpus", "0"], "n_gpus must be a whole number, at least 1, got 0"),
        (["--count", "some"], "count must be"),
    ],
)
def test_bad_input_ends_with_status_2_and_one_line(capsys, arguments, said):
    status, out, err = run(capsys, *arguments)
    assert status == 2 and out == ""
    assert err.startswith("napkin: ") and said in err and err.count("\n") == 1


def test_the_scenario_of_a_page(capsys):
    link = "http://localhost:8000/chapters/05_users.html#model=Qwen3-32B&gpu=H100+SXM&kv_bits=16"
    status, out, err = run(capsys, "--link", link, "--gpu", "H200", "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == json.loads(estimate("Qwen3-32B", "H200 SXM", kv_bits=16, context=20_000, duty_cycle=0.2).to_json())


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp437", "ascii", "utf-8"])
@pytest.mark.parametrize("arguments", [["--json"], [], ["--help"], ["--context", "\u2014"]])
def test_it_is_printed_wherever_one_looks(encoding, arguments):
    made = subprocess.run(
        [sys.executable, "-m", "napkin", *arguments], capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}
    )
    assert made.returncode == (2 if "--context" in arguments else 0) and b"Traceback" not in made.stderr
    if arguments == ["--json"]:
        assert json.loads(made.stdout.decode(encoding)) == json.loads(estimate().to_json()), "nothing is lost on the way"


@pytest.mark.parametrize("arguments", ["--json", "", "--list models"])
def test_a_reader_who_has_enough_and_a_disk_that_is_full(arguments):
    napkin = f"{sys.executable} -m napkin {arguments}"
    enough = subprocess.run(["bash", "-c", f"{napkin} | head -c 1; echo ${{PIPESTATUS[0]}} >&2"], capture_output=True, text=True)
    assert enough.stderr == "0\n"
    full = subprocess.run(["bash", "-c", f"{napkin} > /dev/full"], capture_output=True, text=True)
    assert (full.returncode, full.stderr) == (1, "napkin: cannot write the result: No space left on device\n")
