"""Questions that engineers bring, each asked as they would, beside what was measured: a bound is never slower, and says how far off it is.

`measured` are the figures that others published or measured; `reach` is by how much the bound may be better, as it is today.
"""

import pytest

from napkin import NapkinError, best, estimate

SECONDS, RATE = "step or prompt: measured is longer", "tokens a second: measured is less"

#: (question, what is asked of napkin, which answer, measured, its kind, the most that measured may be off, whose measurement)
QUESTIONS = [
    ("Llama-3.3-70B fp8 on two H100s, 8k: tokens a second with prompts of 5,000 and answers of 500?",
     dict(model="Llama-3.3-70B", gpu="H100 SXM", n_gpus=2, weight_bits=8, kv_bits=8, context=5_250, prompt=5_000, output_tokens=500),
     "output_tokens_per_second", 898, RATE, 2.0, "NVIDIA, TensorRT-LLM performance overview"),
    ("The same with 2,048 in and out?",
     dict(model="Llama-3.3-70B", gpu="H100 SXM", n_gpus=2, weight_bits=8, kv_bits=8, context=3_072, prompt=2_048, output_tokens=2_048),
     "output_tokens_per_second", 3_082, RATE, 2.0, "NVIDIA, TensorRT-LLM performance overview"),
    ("DeepSeek-R1 on eight H200s, 64 at once, 8k in and 1k out: time a token?",
     dict(model="DeepSeek-R1", gpu="H200 SXM", tensor_parallel=8, context=8_700, prompt=8_192, output_tokens=1_024, batch=58),
     "loaded_time_per_output_token", 0.0502, SECONDS, 2.5, "InferenceX"),
    ("gpt-oss-120b on one H200, 64 at once, 8k in and 1k out?",
     dict(model="gpt-oss-120b", gpu="H200 SXM", context=8_700, prompt=8_192, output_tokens=1_024, batch=60),
     "loaded_time_per_output_token", 0.0418, SECONDS, 2.5, "InferenceX"),
    ("Qwen3-8B in 16 bits on one H100, alone: time a token?",
     dict(model="Qwen3-8B", gpu="H100 SXM", context=3_072, batch=1), "step_seconds", 0.006998, SECONDS, 1.6, "silybench, vLLM 0.30"),
    ("70B on eight H100s, alone?",
     dict(model="Llama-3.1-70B", gpu="H100 SXM", n_gpus=8, weight_bits=8, context=2_048, batch=1), "step_seconds", 0.0080, SECONDS, 2.5,
     "NVIDIA, aiconfigurator's kernels"),
    ("70B fp8 on eight MI300X, alone?",
     dict(model="Llama-3.1-70B", gpu="MI300X", n_gpus=8, weight_bits=8, context=2_048, batch=1), "step_seconds", 0.0084, SECONDS, 3.0,
     "AMD, vLLM on ROCm"),
    ("The same, 128 at once?",
     dict(model="Llama-3.1-70B", gpu="MI300X", n_gpus=8, weight_bits=8, context=2_048, batch=128), "step_seconds", 0.0227, SECONDS, 4.0,
     "AMD, vLLM on ROCm"),
    ("405B fp8 on eight H100s, 2,048 in and out: tokens a second?",
     dict(model="Llama-3.1-405B", gpu="H100 SXM", n_gpus=8, weight_bits=8, kv_bits=8, context=3_072, prompt=2_048, output_tokens=2_048),
     "output_tokens_per_second", 2_296, RATE, 3.0, "NVIDIA, TensorRT-LLM performance overview"),
    ("And 5,000 in, 500 out?",
     dict(model="Llama-3.1-405B", gpu="H100 SXM", n_gpus=8, weight_bits=8, kv_bits=8, context=5_250, prompt=5_000, output_tokens=500),
     "output_tokens_per_second", 610, RATE, 2.0, "NVIDIA, TensorRT-LLM performance overview"),
    ("Llama-2-7B in 4 bits on an RTX 4090, alone: tokens a second?",
     dict(model="Llama-2-7B", gpu="RTX 4090", weight_bits=4.5, context=512, batch=1, count=["weights", "caches", "kernels"]),
     "tokens_per_second", 205, RATE, 1.6, "MLC, ExLlama and llama.cpp: the quickest of three engines"),
    ("DeepSeek-V3 on 18 boxes of eight H800s, as its makers serve it: tokens a second of a box?",
     dict(model="DeepSeek-V3", gpu="H800 SXM", expert_parallel=144, context=4_989, batch=18 * 700), "tokens_per_second", 18 * 14_800, RATE, 1.25,
     "DeepSeek-AI 2025"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "asked", "answer", "measured", "kind", "reach", "whose"), QUESTIONS)
def test_a_question_has_an_answer_that_is_a_bound(question, asked, answer, measured, kind, reach, whose):
    found = estimate(**asked)[answer]
    slower = measured / found if kind is SECONDS else found / measured
    assert 1 <= slower <= reach, f"{question} {found:.4g} here, {measured} by {whose}: {slower:.2f}"


def test_what_fits_and_how_many_are_needed():
    """DeepSeek-V3 in fp8: its makers say eight H200s, or sixteen H100s. A 70B in 4 bits on a Mac: no rate is published, and yet what fits is told."""
    assert estimate("DeepSeek-V3", "H200 SXM", 8, context=8_000).fits
    assert estimate("DeepSeek-V3", "H100 SXM", context=8_000).fewest_gpus > 8
    mac = estimate("Llama-3.1-70B", "Apple M3 Ultra", weight_bits=4.5, context=8_000)
    assert mac["sequences_that_fit"] > 1
    with pytest.raises(NapkinError, match="no .* rate is published"):
        mac["time_to_first_token"]


def test_groups_are_found_where_strips_copy_the_cache():
    """DeepSeek-V3 on eight H200s, 8k: strips hold some hundred conversations, groups far more; whoever asks for the best is told so."""
    strips = estimate("DeepSeek-V3", "H200 SXM", tensor_parallel=8, context=8_000)
    found = best("DeepSeek-V3", "H200 SXM", 8, context=8_000, pipeline_parallel=1)
    assert found.estimate["sequences_that_fit"] > 5 * strips["sequences_that_fit"]
