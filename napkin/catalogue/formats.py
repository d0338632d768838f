"""Formats of weights: what a quantization_config says that they are stored in.

A release is read as two formats, that of the routed experts and that of the rest: embeddings, head and norms usually
stay at 16 bits and are not told apart. Zero points are not counted.
"""

import math
import re
from collections import Counter
from typing import NamedTuple


class Format(NamedTuple):
    """Bits of one weight, and of its share of the scales."""

    bits: float
    scale_bits: float = 0


HALF = Format(16)
MXFP4 = Format(4, 8 / 32)

#: What stands in the name of a format of ModelOpt; the first that does is the format.
ALGORITHMS = {"NVFP4": Format(4, 8 / 16), "MXFP4": MXFP4, "MXFP8": Format(8, 8 / 32)}
ALGORITHMS |= dict.fromkeys(("FP8", "INT8", "W8A8"), Format(8)) | dict.fromkeys(("INT4", "W4A16"), Format(4, 16 / 128))


def as_released(config, has_experts):
    """The fields of Model for the formats that a config names, where they are known, and a note on what these do not tell."""
    settings = config.get("quantization_config")
    if not isinstance(settings, dict) or not settings:
        return {}, ""
    rest, experts = _rest_and_experts(settings, config, has_experts)
    parts = {"weight_": rest, "expert_": experts if has_experts else None}
    found = {part + name: value for part, one in parts.items() if one for name, value in one._asdict().items()}
    kept = not has_experts and _keeps_attention(settings)
    return found, "weight_bits are those of the MLP: attention is kept at 16 bits" if kept else ""


def _rest_and_experts(settings, config, has_experts):
    one = _scheme(settings)
    if settings.get("moe_quant_algo"):
        return _scheme({**settings, "quant_algo": None, "config_groups": None}), _algorithm(settings["moe_quant_algo"])
    if isinstance(settings.get("quantized_layers"), dict):
        return _by_layer(settings["quantized_layers"], one)
    if config.get("expert_dtype") == "fp4":
        return one, MXFP4
    if has_experts and one and (settings.get("quant_method") == "mxfp4" or _keeps_attention(settings)):
        return HALF, one  # then only the experts are in the small format
    return one, one


def _keeps_attention(settings):
    """Whether the list of modules that are not converted holds whole attentions, or their query projections."""
    lists = [settings.get(name) for name in ("ignore", "modules_to_not_convert", "exclude_modules")]
    listed = [each for some in lists if isinstance(some, list) for each in some if isinstance(each, str)]
    return any(re.search(r"attn[.*]*$|attn\.q(_a|kv)?_proj$", each) for each in listed)


def _algorithm(name):
    """A named format of ModelOpt, or None if it is not known."""
    name = str(name).upper()
    return next((found for part, found in ALGORITHMS.items() if part in name), None)


def _scheme(settings):
    """The format that a quantization_config gives to the weights it converts, or None if it is not known."""
    method = str(settings.get("quant_method", "")).lower()
    if settings.get("quant_algo") and (found := _algorithm(settings["quant_algo"])):
        return found
    if found := _group(settings):
        return found
    if method == "mxfp4":
        return MXFP4
    if method in ("fp8", "fbgemm_fp8"):
        return Format(8, _scale(32, settings.get("weight_block_size")))
    if method in ("awq", "gptq", "auto-round", "hqq") and isinstance(settings.get("bits"), int):
        return Format(settings["bits"], _scale(16, [settings.get("group_size")]))
    if settings.get("load_in_4bit"):
        return Format(4, 8 / 64 + 32 / (64 * 256) if settings.get("bnb_4bit_use_double_quant") else 32 / 64)
    if method == "bitsandbytes" or settings.get("load_in_8bit"):
        return Format(8)
    return None


def _group(settings):
    """The format of the first group of compressed-tensors, or None."""
    groups = settings.get("config_groups")
    group = next(iter(groups.values())) if isinstance(groups, dict) and groups else None
    weights = group.get("weights") if isinstance(group, dict) else None
    if not isinstance(weights, dict) or not isinstance(weights.get("num_bits"), int):
        return None
    bits, size = weights["num_bits"], weights.get("group_size")
    if not isinstance(size, int) or size < 1:
        return Format(bits, _scale(16, weights.get("block_structure")))
    micro = "mxfp" in str(settings.get("format")) or "mxfp" in str(group.get("format"))
    return Format(bits, (8 if micro or weights.get("type") == "float" and bits == 4 else 16) / size)


def _scale(bits, block):
    """Bits of scale for each weight of a block; 0 where there is one scale for the whole matrix."""
    whole = isinstance(block, list) and block and all(type(side) is int and side > 0 for side in block)
    return bits / math.prod(block) if whole else 0


def _by_layer(layers, otherwise):
    """Formats of the rest and of the experts, from a list of layers with their own: of each the most frequent one."""
    rest, experts = Counter(), Counter()
    for layer, each in layers.items():
        if isinstance(each, dict) and (found := _algorithm(each.get("quant_algo"))):
            (experts if "expert" in layer and "shared" not in layer else rest)[found] += 1
    most = [max(some, key=some.get) if some else None for some in (rest, experts)]
    return most[0] or otherwise or HALF, most[1]
