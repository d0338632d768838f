"""The command line says what the package says, and one clear line where it cannot."""

import json
import subprocess
import sys

import pytest

from napkin import INPUTS, estimate
from napkin.__main__ import main, number


def run(capsys, *arguments):
    status = main([str(one) for one in arguments])
    return status, *capsys.readouterr()


def test_the_napkin_in_a_terminal():
    found = subprocess.run(
        [sys.executable, "-m", "napkin", "--model", "Qwen3-32B", "--gpu", "B200 SXM", "--context", "20000"],
        capture_output=True, text=True, check=True,
    )
    assert found.stdout.strip() == repr(estimate("Qwen3-32B", "B200 SXM", context=20_000))
    assert "60 conversations" in found.stdout and found.stderr == ""


def test_json_for_machines(capsys):
    status, out, err = run(capsys, "--model", "Mixtral-8x7B", "--gpu", "h200", "--n-gpus", 2, "--context", "8k", "--kv-bits", 16, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == json.loads(estimate("Mixtral-8x7B", "H200", 2, context=8000, kv_bits=16).to_json())


def test_a_config_of_ones_own(capsys, tmp_path):
    config = {
        "model_type": "llama", "hidden_size": 1024, "num_hidden_layers": 4, "num_attention_heads": 16, "num_key_value_heads": 4,
        "intermediate_size": 4096, "vocab_size": 1000, "max_position_embeddings": 2048,
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    status, out, _ = run(capsys, "--config", path, "--context", 1000, "--json")
    assert status == 0
    assert json.loads(out)["quantities"]["kv_bytes_per_token"]["value"] == 2 * 4 * 4 * 64


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
    ("text", "value"), [("20000", 20_000), ("20_000", 20_000), ("20,000", 20_000), ("2e4", 20_000), ("20k", 20_000), ("0.2", 0.2),
                        ("192G", 192e9), ("8T", 8e12), ("1.5M", 1_500_000)],
)
def test_numbers_as_people_type_them(text, value):
    assert number(text) == value and type(number(text)) is (int if value == int(value) else float)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "Qwen3-33B"], "no model called 'Qwen3-33B'; did you mean 'Qwen3-32B'?"),
        (["--gpu", "B20"], "did you mean 'B200 SXM'?"),
        (["--context", "banana"], "argument --context: must be a number, got 'banana'"),
        (["--context", "-5"], "context must be a whole number, at least 1 token, got -5"),
        (["--context", "nan"], "got nan"),
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
