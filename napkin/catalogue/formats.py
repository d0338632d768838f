"""Formats of weights: in how many bits each part of a model is stored, and which rate its products run at.

A release says so in its quantization_config, in one of a dozen dialects. Each is read as the same Rules: a format for all
matrices, other formats for some, and names of what stays at 16 bits. The rules are then asked for every part of every layer.
"""

import fnmatch
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


class Format(NamedTuple):
    """Bits of one weight, of its share of scales and zero points, and those in which it is multiplied, where it is not in its own."""

    bits: float
    scale_bits: float = 0
    multiplied: float | None = None

    @property
    def stored(self):
        return self.bits + self.scale_bits


HALF = Format(16)
MXFP4 = Format(4, 8 / 32, 16)

#: The formats of files for llama.cpp, by name: bits a weight with their scales, as its blocks are laid out or, for mixtures of
#: blocks (those with _S, _M, _L), as its quantisation tool tells them for Llama-3.1-8B.
GGUF = {
    "Q4_0": 4.5, "Q4_1": 5, "Q5_0": 5.5, "Q5_1": 6, "Q8_0": 8.5, "Q8_1": 9, "IQ4_NL": 4.5, "MXFP4": 4.25, "TQ1_0": 1.6875,
    "TQ2_0": 2.0625, "Q2_K": 3.1593, "Q2_K_S": 2.9697, "Q3_K_S": 3.6429, "Q3_K": 3.9960, "Q3_K_M": 3.9960, "Q3_K_L": 4.2979,
    "Q4_K_S": 4.6672, "Q4_K": 4.8944, "Q4_K_M": 4.8944, "Q5_K_S": 5.5704, "Q5_K": 5.7036, "Q5_K_M": 5.7036, "Q6_K": 6.5633,
    "IQ1_S": 2.0042, "IQ1_M": 2.1460, "IQ2_XXS": 2.3824, "IQ2_XS": 2.5882, "IQ2_S": 2.7403, "IQ2_M": 2.9294, "IQ3_XXS": 3.2548,
    "IQ3_XS": 3.4977, "IQ3_S": 3.6606, "IQ3_M": 3.7628, "IQ4_XS": 4.4597,
}  # fmt: skip
#: Bits by the names that people type for a precision.
NAMED = {name.lower(): bits for name, bits in GGUF.items()}
NAMED |= dict.fromkeys(("fp32", "float32", "f32"), 32) | dict.fromkeys(("fp16", "bf16", "float16", "bfloat16", "f16", "half"), 16)
NAMED |= dict.fromkeys(("fp8", "int8", "fp8_e4m3", "fp8_e5m2", "e4m3", "float8"), 8) | dict.fromkeys(("fp4", "int4"), 4)
NAMED |= {"nvfp4": 4.5, "mxfp4": 4.25, "mxfp8": 8.25, "fp6": 6, "mxfp6": 6.25}

#: What stands in the name of a format of ModelOpt; the first that does is the format.
ALGORITHMS = {"W4A16_NVFP4": Format(4, 8 / 16, 16), "NVFP4": Format(4, 8 / 16), "MXFP4": MXFP4, "MXFP8": Format(8, 8 / 32)}
ALGORITHMS |= {"W4A8": Format(4, 16 / 128, 8), "W8A16": Format(8, 0, 16)}
ALGORITHMS |= dict.fromkeys(("INT4", "W4A16"), Format(4, 16 / 128, 16)) | dict.fromkeys(("FP8", "INT8", "W8A8"), Format(8))

#: The parts of a layer, with the matrices that they are made of, as names say them.
PARTS = {
    "attention": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"),
    "linear attention": ("linear_attn.in_proj_qkv", "linear_attn.in_proj_z", "linear_attn.out_proj"),
    "MLP": ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"),
    "shared experts": tuple(f"mlp.shared_expert{s}.{each}_proj" for s in ("s", "") for each in ("gate", "up", "down")),
    "experts": ("mlp.experts.0.gate_proj", "mlp.experts.0.up_proj", "mlp.experts.0.down_proj", "block_sparse_moe.experts.0.w1"),
}
HEAD, EMBEDDING = (
    ("lm_head", "model.lm_head", "language_model.lm_head"),
    ("model.embed_tokens", "embed_tokens", "model.language_model.embed_tokens"),
)
BEFORE = ("model.layers", "model.language_model.layers", "language_model.model.layers", "backbone.layers", "layers")

#: Names of what is no part of the text model, or of its last tokens ahead; and of what is too small to be a part.
ELSEWHERE = re.compile(r"vision|visual|audio|projector|multi_modal|merger|modality|mtp|nextn|draft|eagle", re.IGNORECASE)
SMALL = re.compile(r"norm|router|conv|in_proj_(a|b|ba)$|(^|\.)gate$|_gate$|bias|dt_|A_log|weights_proj|\.wk$")
INDEXED = re.compile(r"(?:layers|blocks|h)\\?\.(\d+)\\?\.(.+)")


def as_released(config, layers, embedding, head, rest):
    """The fields of Model for the formats that a config names, and a note on what they are.

    `layers` holds for each layer the weights of its parts, `embedding`, `head` and `rest` (norms, routers, biases) are weights;
    the head of a tied model is its embedding, and has none of its own.
    """
    settings = config.get("quantization_config") or config.get("quantization")
    if not isinstance(settings, dict) or not settings:
        return {"weight_bits": 16, "kv_bits": 16}, ""
    kv_bits = 8 if _caches_in_8_bits(settings) else 16
    rules = _rules(settings, config)
    if rules is None:
        method = settings.get("quant_method") or settings.get("quant_algo") or "a method that is not named"
        return {
            "kv_bits": kv_bits,
            "unread_format": f"the weights are quantised by {method}, whose bits are not known here: give weight_bits",
        }, ""
    stored = {"embedding": Counter({rules.of_table(EMBEDDING, rules.embedding): embedding}), "norms and routers": Counter({HALF: rest})}
    if head:
        stored["head"] = Counter({rules.of_table(HEAD, rules.linear if rules.head else None): head})
    for i, parts in enumerate(layers):
        for part, weights in parts.items():
            for one, share in rules.of(i, part, parts).items():
                stored.setdefault(part, Counter())[one] += share * weights
    return {"kv_bits": kv_bits, **_fields(stored, config)}, _note(stored)


def _fields(stored, config):
    """Bits of the weights and of the experts: those of the narrowest format, and what comes on top in the mean over all of them."""
    found, active = {}, Counter()
    visited = (config.get("num_experts_per_tok") or config.get("num_experts_per_token") or 1) / _experts(config)
    for name, parts in (("weight", [part for part in stored if part != "experts"]), ("expert", ["experts"])):
        total = sum((stored[part] for part in parts if part in stored), Counter())
        if not total.total():
            continue
        bits = min(one.bits for one, weights in total.items() if weights >= total.total() / 100)
        found[f"{name}_bits"] = bits
        mean = sum(one.stored * weights for one, weights in total.items()) / total.total()
        found[f"{name}_scale_bits"] = max(0, round(mean - bits, 11))
        for one, weights in total.items():
            active[one.multiplied or one.bits] += weights * (visited if name == "expert" else 1)
    found["lookup_bits"] = max(one.stored for one in stored["embedding"])
    width = config.get("moe_intermediate_size") or config.get("intermediate_size")
    if stored.get("experts", {}).get(MXFP4) and isinstance(width, int) and width > 0:
        found["expert_padding"] = math.ceil(width / 256) * 256 / width - 1
    if (multiplied := max(active, key=active.get)) != found["weight_bits"]:
        found["multiplied_bits"] = multiplied
    return found


def _experts(config):
    names = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
    return next((config[name] for name in names if isinstance(config.get(name), int) and config[name] > 0), 1)


def _note(stored):
    """The bits of each part in words, those alike together: "attention, MLP 4.16; embedding, head 16"."""
    alike = {}
    for part, formats in stored.items():
        if weights := formats.total():
            bits = sum(one.stored * share for one, share in formats.items()) / weights
            alike.setdefault(f"{bits:.3g}", []).append(part)
    return "bits a weight: " + "; ".join(f"{', '.join(parts)} {bits}" for bits, parts in alike.items())


# Names


class Names:
    """Modules that a config lists: by layer and name, by a pattern (`re:…`, with * or as a regular expression), or by class."""

    def __init__(self, names):
        self.of_layer, self.patterns = {}, []
        for name in names:
            if not isinstance(name, str) or ELSEWHERE.search(name):
                continue
            indexed = INDEXED.search(name)
            if indexed and indexed[1].isdigit() and not name.startswith(("re:", "-:", "+:")):
                self._take(int(indexed[1]), indexed[2])
            else:
                self.patterns.append(name)
        self.seen = {}
        for found in self.of_layer.values():
            for part, leaves in found.items():
                self.seen.setdefault(part, set()).update(leaves)

    def _take(self, layer, inner):
        part, leaf = _part_of(inner)
        if part:
            self.of_layer.setdefault(layer, {}).setdefault(part, set()).add(leaf)

    def share(self, layer, part):
        """The share of a part's matrices that are listed."""
        found = self.of_layer.get(layer, {})
        leaves = found.get(part, set()) | found.get("all", set())
        listed = 1 if "" in leaves else len(leaves) / max(len(self.seen[part] - {""}), _least(part, self.seen[part])) if leaves else 0
        return max(listed, self._matched(layer, part)) if self.patterns else listed

    def _matched(self, layer, part):
        most = 0
        for pattern in self.patterns:
            matched = [any(_matches(pattern, f"{before}.{layer}.{name}") for before in BEFORE) for name in PARTS[part]]
            share = sum(matched) / len(matched)
            most = max(most, 1 if part in ("experts", "shared experts") and any(matched) else share)
        return most

    def has(self, names):
        """Whether one of these modules outside the layers is listed."""
        return any(_matches(pattern, name) for pattern in self.patterns for name in names)


def _part_of(inner):
    """What a name inside a layer belongs to, and which of its matrices it is: ("MLP", "up_proj"); "" for all of them."""
    plain = inner.rstrip("*. ").removesuffix(".weight")
    if SMALL.search(plain):
        return None, ""
    leaf = plain.rsplit(".", 1)[-1]
    if "shared_expert" in plain:
        return "shared experts", "" if leaf.startswith("shared_expert") else leaf
    if "expert" in plain:
        return "experts", "" if leaf.startswith("expert") or leaf.isdigit() else leaf
    if re.search(r"linear_attn|mamba|(in|out)_proj", plain) and "self_attn" not in plain:
        return "linear attention", "" if leaf in ("linear_attn", "mamba", "mixer") else leaf
    if "attn" in plain or "attention" in plain or re.fullmatch(r"([qkvo]|qkv)_proj", leaf):
        return "attention", "" if re.fullmatch(r"(self_)?(attn|attention)", leaf) else leaf
    if re.search(r"mlp|feed_forward|ffn|block_sparse_moe|(up|down|gate)_proj|fc[12]", plain):
        return "MLP", "" if re.fullmatch(r"mlp|feed_forward|ffn|block_sparse_moe", leaf) else leaf
    return "all", ""


def _least(part, leaves):
    """The fewest matrices that a part has, as far as their names tell."""
    if part == "attention":
        return 2 if any("qkv" in leaf or "c_attn" in leaf for leaf in leaves) else 4
    return 3 if part == "linear attention" and any("qkv" in leaf for leaf in leaves) else 2


def _matches(pattern, name):
    """Whether a pattern names a module, or something that it lies in."""
    if pattern[:3] == "re:" or pattern[:2] in ("-:", "+:"):
        pattern = pattern.split(":", 1)[1]
    elif "*" in pattern and ".*" not in pattern and "\\" not in pattern:
        return fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name, f"*{pattern}")
    elif not re.search(r"[\\*\[(|^$]", pattern):
        return f".{pattern.strip('.')}." in f".{name}."
    try:
        return re.match(pattern, name) is not None
    except re.error:
        return False


# Rules


@dataclass
class Rules:
    """What a config says of its matrices: the format of all (`linear`, None where only those listed are converted), others for some,
    what is kept at 16 bits; whether the `head` is among all, and the format of the `embedding` where it is converted."""

    linear: Format | None
    kept: Names = field(default_factory=lambda: Names(()))
    others: list = field(default_factory=list)  # (Names, Format)
    head: bool = False
    embedding: Format | None = None

    def of(self, layer, part, parts):
        """Formats of a part of a layer, each with its share."""
        found, left = Counter(), 1
        for names, one in [(self.kept, HALF), *self.others]:
            share = min(left, names.share(layer, part))
            found[one] += share
            left -= share
        found[self.linear or HALF] += left
        return {one: share for one, share in found.items() if share > 1e-9}

    def of_table(self, names, otherwise):
        if self.kept.has(names):
            return HALF
        return next((one for listed, one in self.others if listed.has(names)), None) or otherwise or HALF


def _rules(settings, config):
    """The rules of a quantization_config, None where the method is not known."""
    method = str(settings.get("quant_method") or "").lower()
    kept = Names([name for key in KEPT if isinstance(settings.get(key), list) for name in settings[key]])
    for read in (_modelopt, _compressed, _packed, _quark, _torchao, _bitsandbytes, _of_apple):
        if rules := read(settings, method):
            rules.kept = _with(kept, rules.kept)
            return rules
    if method == "mxfp4":
        return Rules(None, kept, [(Names(["experts"]), MXFP4)])
    if method in ("fp8", "fbgemm_fp8", "finegrained_fp8"):
        one = Format(8, _scale(32, settings.get("weight_block_size")))
        small = [(Names(["experts"]), MXFP4)] if config.get("expert_dtype") == "fp4" else []
        return Rules(one, kept, small)
    if method in WHOLE:
        return Rules(WHOLE[method], kept)
    return None


KEPT = ("ignore", "ignored_layers", "modules_to_not_convert", "exclude_modules", "exclude", "llm_int8_skip_modules")
#: Methods with one format and no settings of it.
WHOLE = {"bitnet": Format(2, 0, 16), "eetq": Format(8, 0, 16), "experts_int8": Format(8, 0, 16), "tpu_int8": Format(8)}


def _with(one, other):
    """What either of two lists of names has."""
    one.patterns += other.patterns
    for layer, found in other.of_layer.items():
        for part, leaves in found.items():
            one.of_layer.setdefault(layer, {}).setdefault(part, set()).update(leaves)
            one.seen.setdefault(part, set()).update(leaves)
    return one


def _modelopt(settings, method):
    """ModelOpt: one algorithm, another for experts, or one for each layer."""
    if isinstance(layers := settings.get("quantized_layers"), dict):
        alike = {}
        for name, each in layers.items():
            if isinstance(each, dict) and (one := _algorithm(each.get("quant_algo"))):
                alike.setdefault(one, []).append(name)
        return Rules(None, others=[(Names(names), one) for one, names in alike.items()])
    one = _algorithm(settings.get("quant_algo"), settings.get("group_size"))
    if settings.get("moe_quant_algo"):
        experts = [(Names(["experts"]), _algorithm(settings["moe_quant_algo"]) or HALF)]
        return Rules(one or Format(8, _scale(32, settings.get("weight_block_size"))), others=experts)
    return Rules(one) if one else None


def _algorithm(name, group=None):
    """A named format of ModelOpt, None where it is not known."""
    name = str(name or "").upper()
    found = next((one for part, one in ALGORITHMS.items() if part in name), None)
    if found and found.multiplied and isinstance(group, int) and group > 0 and "FP4" not in name and found.scale_bits:
        return found._replace(scale_bits=16 / group)
    return found


def _compressed(settings, method):
    """compressed-tensors: groups of modules, each with its own format."""
    groups = settings.get("config_groups")
    if not isinstance(groups, dict):
        return None
    linear, others, head, embedding = None, [], False, None
    for group in groups.values():
        if not isinstance(group, dict) or not (one := _group(group, settings)):
            continue
        targets = [each for each in group.get("targets") or ["Linear"] if isinstance(each, str)]
        if "Linear" in targets:
            linear, head = linear or one, True
        if "Embedding" in targets:
            embedding = one
        if listed := [each for each in targets if each not in ("Linear", "Embedding")]:
            others.append((Names(["experts" if re.search(r"Experts|MoE", each) else each for each in listed]), one))
    return Rules(linear, others=others, head=head, embedding=embedding) if linear or others else None


def _group(group, settings):
    """The format of one group, None where its weights are not converted."""
    weights = group.get("weights")
    if not isinstance(weights, dict) or not isinstance(weights.get("num_bits"), int):
        return None
    bits, size = weights["num_bits"], weights.get("group_size")
    multiplied = 16 if not isinstance(group.get("input_activations"), dict) and "input_activations" in group else None
    multiplied = multiplied or (16 if bits < 8 and weights.get("type") == "int" else None)
    if isinstance(activations := group.get("input_activations"), dict) and isinstance(activations.get("num_bits"), int):
        multiplied = activations["num_bits"] if activations["num_bits"] > bits else None
    if not isinstance(size, int) or size < 1:
        return Format(bits, _scale(16, weights.get("block_structure")), multiplied)
    micro = "mxfp" in str(settings.get("format")) or "mxfp" in str(group.get("format"))
    zeros = 0 if weights.get("symmetric", True) else bits
    return Format(bits, ((8 if micro or weights.get("type") == "float" and bits == 4 else 16) + zeros) / size, multiplied)


def _packed(settings, method):
    """awq, gptq and their kin: small whole numbers in groups, multiplied at 16 bits; `dynamic` excepts some modules."""
    bits = settings.get("bits", settings.get("w_bit"))
    if method not in (
        "awq",
        "gptq",
        "auto-round",
        "auto_round",
        "intel/auto-round",
        "autoround",
        "hqq",
        "gptq_marlin",
        "awq_marlin",
        "marlin",
    ):
        return None
    if method == "hqq" and isinstance(inner := settings.get("quant_config"), dict):
        settings = inner.get("weight_quant_params", inner)
        bits = settings.get("nbits", bits)
    if not isinstance(bits, int):
        return None
    one = _grouped(settings, bits, method)
    rules = Rules(one, head=bool(settings.get("lm_head")))
    if isinstance(inside := settings.get("modules_in_block_to_quantize"), list):
        names = [name for some in inside for name in (some if isinstance(some, list) else [some])]
        rules = Rules(None, others=[(Names(names), one)], head=rules.head)
    for pattern, said in (settings.get("dynamic") or settings.get("extra_config") or {}).items():
        own = said.get("bits", bits) if isinstance(said, dict) else bits
        if pattern.startswith("-:") or own == 16:
            rules.kept = _with(rules.kept, Names([pattern]))
        elif isinstance(said, dict) and isinstance(own, int):
            rules.others.append((Names([pattern]), _grouped({**settings, **said}, own, method)))
    return rules


def _grouped(settings, bits, method):
    size = settings.get("group_size", settings.get("q_group_size", 64 if method == "hqq" else None))
    size = size if isinstance(size, int) and size > 0 else math.inf
    zeros = 16 if method == "hqq" else bits if settings.get("zero_point", True) else 0
    return Format(bits, (16 + zeros) / size, 16)


def _quark(settings, method):
    """Quark: a global format, others by pattern."""
    if method != "quark":
        return None
    others = []
    for pattern, said in (settings.get("layer_quant_config") or {}).items():
        if one := _of_quark(said):
            others.append((Names([pattern]), one))
    one = _of_quark(settings.get("global_quant_config"))
    return Rules(one, others=others, head=True) if one or others else None


def _of_quark(said):
    weight = said.get("weight") if isinstance(said, dict) else None
    weight = weight[0] if isinstance(weight, list) and weight else weight
    found = re.search(r"(\d+)", str(weight.get("dtype"))) if isinstance(weight, dict) else None
    if not found:
        return None
    bits, size = int(found[1]), weight.get("group_size")
    if not isinstance(size, int) or size < 1:
        return Format(bits)
    return Format(bits, (8 if "fp" in str(weight["dtype"]) else 16) / size, 16 if "int" in str(weight["dtype"]) and bits < 8 else None)


def _torchao(settings, method):
    """torchao: the kind of its configuration says the bits."""
    if method != "torchao":
        return None
    kind = settings.get("quant_type")
    kind = kind.get("default", kind) if isinstance(kind, dict) else kind
    named, data = (
        (kind.get("_type", ""), kind.get("_data", {})) if isinstance(kind, dict) else (str(kind), settings.get("quant_type_kwargs") or {})
    )
    found = re.search(r"(int|float|uint)_?(\d)", str(named).lower())
    if not found:
        return None
    bits, size = int(found[2]), data.get("group_size") if isinstance(data, dict) else None
    size = size if isinstance(size, int) and size > 0 else (128 if bits < 8 else math.inf)
    return Format(bits, 32 / size, 16) and Rules(Format(bits, 32 / size, 16 if "only" in str(named).lower() or bits < 8 else None))


def _bitsandbytes(settings, method):
    """bitsandbytes: 4 bits with a scale for every 64 weights, which may have scales of their own, or 8 bits."""
    if settings.get("load_in_4bit") or settings.get("_load_in_4bit"):
        return Rules(Format(4, 8 / 64 + 32 / (64 * 256) if settings.get("bnb_4bit_use_double_quant") else 32 / 64, 16))
    return Rules(Format(8, 0, 16)) if method == "bitsandbytes" or settings.get("load_in_8bit") else None


def _of_apple(settings, method):
    """MLX, which names no method: scale and bias for every group, of embedding and head too; modules may have settings of their own."""
    bits, size = settings.get("bits"), settings.get("group_size")
    if method or not isinstance(bits, int):
        return None
    one = _of_group(settings, bits, size)
    rules = Rules(one, head=True, embedding=one)
    for name, said in settings.items():
        if said is False:
            rules.kept = _with(rules.kept, Names([name]))
        elif isinstance(said, dict) and isinstance(said.get("bits"), int):
            rules.others.append((Names([name]), _of_group({**settings, **said}, said["bits"], said.get("group_size", size))))
    return rules


def _of_group(settings, bits, size):
    size = size if isinstance(size, int) and size > 0 else 64
    return Format(bits, (8 if "fp" in str(settings.get("mode")) else 32) / size, 16)


def _scale(bits, block):
    """Bits of scale for each weight of a block; 0 where there is one scale for the whole matrix."""
    whole = isinstance(block, list) and block and all(type(side) is int and side > 0 for side in block)
    return bits / math.prod(block) if whole else 0


def _caches_in_8_bits(settings):
    """Whether keys and values are to be cached in 8 bits."""
    scheme = settings.get("kv_cache_scheme")
    return "8" in str(settings.get("kv_cache_quant_algo") or "") or isinstance(scheme, dict) and scheme.get("num_bits") == 8
