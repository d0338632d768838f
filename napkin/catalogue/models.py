"""A model as the formulas need it, and how to read one from its config.json."""

import dataclasses
import functools
import html
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

from . import counting
from .architectures import FAMILIES, SAME_AS
from .counting import Fields
from ..language.numbers import show
from ..language.errors import NapkinError
from ..language.inputs import INPUTS

#: Where multimodal models keep the config of their text model.
NESTED = ("text_config", "language_config", "llm_config", "thinker_config", "language_model")


@dataclass(frozen=True, kw_only=True)
class Model:
    """A language model: weights, widths, caches and operations, in base units.

    Caches are of four kinds. `full_kv_elements` are kept for every token and read at every step; `selected_kv_elements`
    are kept for every token, of which a step reads at most `selected_tokens`; `window_kv_elements` are kept for the
    last `window` tokens; `state_elements` are kept once a sequence, however long. The `_pair_flops` are the operations
    of attention for one new token and one token that it looks back on, over all layers of that kind. `state_flops` are
    those of one token on the states: 7 for each element of the matrices of a delta rule (see `counting`).

    With multi-head latent attention, which decodes as if it had one KV head, `n_kv_heads` is 1 and `head_dim` the
    length of a query. Where layers differ, `n_heads`, `n_kv_heads` and `head_dim` are of the layers with a window.

    None stands for what is not known or does not exist.
    """

    name: str
    parameters: int  # all weights
    active_parameters: int  # weights multiplied for one token: no look-up of its embedding, only its experts
    n_layers: int
    d_model: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    d_ff: int | None = None  # width of the MLP; with experts, of all that one token visits
    vocabulary: int | None = None
    max_context: int | None = None
    expert_parameters: int = 0  # of all routed experts of all layers
    n_experts: int = 1
    experts_per_token: int = 1
    full_kv_elements: float = 0
    selected_kv_elements: float = 0
    selected_tokens: int | None = None
    window_kv_elements: float = 0
    window: int | None = None
    state_elements: int = 0
    full_pair_flops: float = 0
    selected_pair_flops: float = 0
    window_pair_flops: float = 0
    state_flops: int = 0
    prefill_full_pair_flops: float = 0
    prefill_selected_pair_flops: float = 0
    prefill_window_pair_flops: float = 0
    kv_shards: int = 1  # ways in which tensor parallelism can cut the cache
    weight_bits: float | None = None  # as released, where the config says
    weight_scale_bits: float | None = None
    expert_bits: float | None = None
    expert_scale_bits: float | None = None
    attention: str = ""
    year: int | None = None
    hf_id: str = ""
    source: str = ""
    date: str = ""
    confidence: str = ""
    notes: str = ""

    @classmethod
    def from_config(cls, config, name=None):
        """Read a model from its config.json: the path of the file or of its folder, or the dict that it holds.

        Every weight of the text model is counted, but no vision tower and no layers that only guess tokens ahead (MTP).
        Raises NapkinError, in one sentence, for an architecture that is not known and for a field that is missing or
        makes no sense.
        """
        config, found = _load(config)
        return cls(**{**_read(config), "name": name or found or _name_in(config)})

    @functools.cached_property
    def inputs(self):
        """What is known of it that is an input of the formulas, by name."""
        known = {name: getattr(self, name) for name in INPUTS if getattr(self, name, None) is not None}
        if self.vocabulary:
            known["head_parameters"] = self.vocabulary * self.d_model
        return known

    def kv_elements_per_token(self, context=None):
        """Elements that the last of `context` tokens adds to the cache; without a context, past all windows."""
        inside = context is not None and self.window is not None and _context(context) <= self.window
        return self.full_kv_elements + self.selected_kv_elements + (self.window_kv_elements if inside else 0)

    def kv_bytes_per_token(self, bits=8, context=None):
        """The same in bytes, at `bits` an element."""
        return self.kv_elements_per_token(context) * bits / 8

    def kv_bytes_per_sequence(self, context, bits=8, state_bits=16):
        """Bytes that one sequence of `context` tokens keeps: caches at `bits` an element, states at `state_bits`."""
        growing = (self.full_kv_elements + self.selected_kv_elements) * _context(context)
        window = self.window_kv_elements * min(context, self.window or 0)
        return (growing + window) * bits / 8 + self.state_elements * state_bits / 8

    def __repr__(self):
        active = "" if self.active_parameters == self.parameters else f" ({show(self.active_parameters, '1')} active)"
        cache = show(self.kv_bytes_per_token(), "byte/token")
        return (
            f"{self.name}: {show(self.parameters, '1')} parameters{active}, {self.n_layers} layers, {self.attention}, "
            f"{cache} of cache a token at 8 bits"
        )

    def _repr_html_(self):
        rows = [
            ("parameters", show(self.parameters, "1")),
            ("multiplied for a token", show(self.active_parameters, "1")),
        ]
        if self.expert_parameters:
            rows.append(("experts", f"{self.n_experts} a layer, {self.experts_per_token} for each token"))
        rows += [("layers", str(self.n_layers)), ("attention", self.attention)]
        rows.append(("cache a token, 8 bits", show(self.kv_bytes_per_token(), "byte/token")))
        if self.state_elements:
            rows.append(("state, 16 bits", show(self.state_elements * 2, "byte/sequence")))
        if self.max_context:
            rows.append(("longest context", show(self.max_context, "token")))
        rows += [(label, text) for label, text in (("source", self.source), ("notes", self.notes)) if text]
        body = "".join(
            f"<tr><th style='text-align:left'>{label}</th><td style='text-align:left'>{html.escape(text)}</td></tr>"
            for label, text in rows
        )
        return f"<table><caption>{html.escape(self.name)}</caption>{body}</table>"


FIELDS = tuple(each.name for each in dataclasses.fields(Model))


def _context(tokens):
    if not tokens >= 1:
        raise NapkinError(f"context must be at least 1 token, got {tokens}")
    return tokens


def _load(config):
    """The config as a dict, and the name of the folder or file it was read from."""
    if isinstance(config, dict):
        return config, None
    if not isinstance(config, (str, Path)):
        raise NapkinError(f"a config is a dict or the path of a config.json, got {type(config).__name__}")
    path = Path(config)
    folder = path if path.is_dir() else path.parent
    path = path / "config.json" if path.is_dir() else path
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NapkinError(f"there is no file {str(path)!r}") from None
    except OSError as error:
        raise NapkinError(f"cannot read {str(path)!r}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise NapkinError(f"{str(path)!r} is not JSON") from None
    if not isinstance(loaded, dict):
        raise NapkinError(f"{str(path)!r} holds no config: JSON, but no object")
    beside = folder / "hf_quant_config.json"  # where some quantised releases say their formats
    if "quantization_config" not in loaded and path.name == "config.json" and beside.is_file():
        try:
            quantization = json.loads(beside.read_text(encoding="utf-8")).get("quantization")
        except (OSError, ValueError, AttributeError):
            quantization = None
        if quantization:
            loaded = {**loaded, "quantization_config": quantization}
    return loaded, (
        folder.resolve().name if path.name == "config.json" else path.name.removesuffix(".json").removesuffix(".config")
    ) or None


def _name_in(config):
    path = config.get("_name_or_path")
    return (
        path.rstrip("/").split("/")[-1]
        if isinstance(path, str) and path
        else str(config.get("model_type") or "a model")
    )


def _text_of(config):
    """The part of a config that describes the text model, and whether it is a part."""
    text, model_type = config, config.get("model_type")
    for _ in NESTED:
        inner = next((text[name] for name in NESTED if isinstance(text.get(name), dict)), None)
        if inner is None:
            break
        # What only the outer config says holds for the text model too: tied embeddings, formats of weights.
        outer = {
            name: text[name] for name in ("tie_word_embeddings", "quantization_config") if text.get(name) is not None
        }
        text = {**inner, **{name: value for name, value in outer.items() if inner.get(name) is None}}
        model_type = text.get("model_type") or model_type
    return text, model_type, text is not config


def _read(config):
    """The fields of Model that follow from a config."""
    text, model_type, nested = _text_of(config)
    family = _family(model_type, text if text.get("architectures") else config)
    fields = Fields(text, family.defaults)
    uncounted = counting.uncounted(text, family)
    if uncounted:
        raise NapkinError(f"cannot count the {uncounted} of a {model_type!r} model")
    numbers, kinds = counting.count(fields, family)
    indexed = family.attention == "latent, indexed"
    shapes = [counting.shape_of(fields, family, kind) for kind in sorted(set(kinds) - {"linear", "indexing"})] or [
        counting.shape_of(fields, family)
    ]
    one = family.attention.startswith("latent") or family.attention == "compressed"
    first = shapes[-1]  # of windowed layers where there are some: they are the most
    window = counting.window_of(fields, family) if numbers.get("window_kv_elements") else None
    selected = None
    if numbers.get("selected_kv_elements"):
        selected = _selected_tokens(fields, family, indexed)
    known = {name: value for name, value in numbers.items() if name in FIELDS}
    return {
        **known,
        "n_layers": fields.count("num_hidden_layers"),
        "d_model": fields.count("hidden_size"),
        "n_heads": first.heads,
        "n_kv_heads": 1 if one else first.kv_heads,
        "head_dim": first.key,
        "d_ff": counting.expert_width(fields, family),
        "vocabulary": fields.count("vocab_size"),
        "max_context": fields.maybe("max_position_embeddings", most=10**9),
        "window": window,
        "selected_tokens": selected,
        "kv_shards": 1 if one else min(shape.kv_heads for shape in shapes),
        "attention": _in_words(family, kinds, first, window, selected),
        "notes": _notes(config, text, nested, bool(numbers.get("expert_parameters"))),
        **_formats(text, bool(numbers.get("expert_parameters"))),
    }


def _family(model_type, config):
    if not isinstance(model_type, str) or not model_type:
        raise NapkinError("the config has no model_type, which names the architecture")
    family = FAMILIES.get(SAME_AS.get(model_type, model_type))
    if family is None:
        called = config.get("architectures")
        called = f" ({called[0]})" if isinstance(called, list) and called else ""
        known = ", ".join(sorted({*FAMILIES, *SAME_AS}))
        raise NapkinError(f"cannot read the architecture {model_type!r}{called}: known are {known}")
    return family


def _selected_tokens(fields, family, indexed):
    if indexed:
        return fields.count("index_topk")
    if family.attention == "compressed":
        return 4 * fields.count("index_topk")  # entries that stand for four tokens each
    settings = fields.inner("sparse_attention_config")
    blocks = settings.count("sparse_topk_blocks", fields.get("index_topk_blocks", 16))
    return blocks * settings.count("sparse_block_size", fields.get("index_block_size", 128))


def _in_words(family, kinds, shape, window, selected):
    """The kind of attention: "grouped-query; 52 of 62 layers look back 1,024 tokens"."""
    if family.attention.startswith("latent"):
        words = "multi-head latent"
    elif family.attention == "compressed":
        words = "one KV head for keys and values"
    else:
        words = {shape.heads: "multi-head", 1: "multi-query"}.get(shape.kv_heads, "grouped-query")
    n = len(kinds)

    def layers(some):
        return "all layers" if some == n else f"{some} of {n} layers"

    parts = [words]
    if family.attention == "compressed":
        parts.append(f"a window of {window:,} tokens")
        some = kinds.count("selected 4")
        parts += [f"{layers(some)} select {selected:,} tokens kept in fours"] if some else []
        some = kinds.count("compressed 128")
        parts += [f"{layers(some)} keep tokens in groups of 128"] if some else []
        return "; ".join(parts)
    if kinds.count("window"):
        parts.append(f"{layers(kinds.count('window'))} look back {window:,} tokens")
    if kinds.count("linear"):
        parts.append(f"{layers(kinds.count('linear'))} linear")
    if selected:
        parts.append(f"{layers(kinds.count('blocks') or n)} select {selected:,} tokens")
    return "; ".join(parts)


def _notes(config, text, nested, has_experts):
    left_out = (
        ["the other parts of the multimodal model"]
        if nested and any("vision" in name or "audio" in name for name in config)
        else []
    )
    ahead = next(
        (
            text[name]
            for name in ("num_nextn_predict_layers", "num_mtp_modules", "mtp_num_hidden_layers")
            if text.get(name)
        ),
        0,
    )
    if ahead:
        left_out.append("the layers that guess further tokens ahead (MTP)")
    notes = [f"not counted: {' and '.join(left_out)}"] if left_out else []
    settings = text.get("quantization_config")
    if isinstance(settings, dict) and not has_experts and _keeps_attention(settings):
        notes.append("weight_bits are those of the MLP: attention is kept at 16 bits")
    return "; ".join(notes)


# Formats of weights


def _formats(config, has_experts):
    """Bits of a weight and of its share of the scales, as released; nothing where the config names no format.

    Embeddings, head and norms usually stay at 16 bits and are not told apart. Zero points are not counted.
    """
    settings = config.get("quantization_config")
    if not isinstance(settings, dict) or not settings:
        return {}
    rest = experts = _scheme(settings)
    if settings.get("moe_quant_algo"):
        experts, rest = (
            _algorithm(settings["moe_quant_algo"]),
            _scheme({**settings, "quant_algo": None, "config_groups": None}),
        )
    elif isinstance(settings.get("quantized_layers"), dict):
        rest, experts = _by_layer(settings["quantized_layers"], rest)
    elif config.get("expert_dtype") == "fp4":
        experts = (4, 8 / 32)
    elif has_experts and rest and (settings.get("quant_method") == "mxfp4" or _keeps_attention(settings)):
        rest = (16, 0)  # then only the experts are in the small format
    formats = {}
    if rest:
        formats |= {"weight_bits": rest[0], "weight_scale_bits": rest[1]}
    if experts and has_experts:
        formats |= {"expert_bits": experts[0], "expert_scale_bits": experts[1]}
    return formats


def _keeps_attention(settings):
    """Whether the list of modules that are not converted holds whole attentions, or their query projections."""
    listed = [
        each
        for name in ("ignore", "modules_to_not_convert", "exclude_modules")
        for each in (settings.get(name) if isinstance(settings.get(name), list) else [])
    ]
    return any(re.search(r"attn[.*]*$|attn\.q(_a|kv)?_proj$", each) for each in listed if isinstance(each, str))


def _algorithm(name):
    """Bits and scale bits of a named format of ModelOpt."""
    name = str(name).upper()
    if "NVFP4" in name:
        return 4, 8 / 16
    if "MXFP4" in name:
        return 4, 8 / 32
    if "MXFP8" in name:
        return 8, 8 / 32
    if "FP8" in name or "INT8" in name or "W8A8" in name:
        return 8, 0
    if "INT4" in name or "W4A16" in name:
        return 4, 16 / 128
    return None


def _scheme(settings):
    """Bits and scale bits that a quantization_config gives to the weights it converts, or None if it is not known."""
    method, groups = str(settings.get("quant_method", "")).lower(), settings.get("config_groups")
    if settings.get("quant_algo") and _algorithm(settings["quant_algo"]):
        return _algorithm(settings["quant_algo"])
    if isinstance(groups, dict) and groups:
        group = next(iter(groups.values()))
        weights = group.get("weights") if isinstance(group, dict) else None
        if isinstance(weights, dict) and isinstance(weights.get("num_bits"), int):
            bits, size = weights["num_bits"], weights.get("group_size")
            micro = "mxfp" in str(settings.get("format")) or "mxfp" in str(group.get("format"))
            if not isinstance(size, int) or size < 1:
                return bits, _scale(16, weights.get("block_structure"))
            return bits, (8 if micro or weights.get("type") == "float" and bits == 4 else 16) / size
    if method == "mxfp4":
        return 4, 8 / 32
    if method in ("fp8", "fbgemm_fp8"):
        return 8, _scale(32, settings.get("weight_block_size"))
    if method in ("awq", "gptq", "auto-round", "hqq") and isinstance(settings.get("bits"), int):
        return settings["bits"], _scale(16, [settings.get("group_size")])
    if method == "bitsandbytes" or settings.get("load_in_4bit") or settings.get("load_in_8bit"):
        if settings.get("load_in_4bit"):
            return 4, (8 / 64 + 32 / (64 * 256) if settings.get("bnb_4bit_use_double_quant") else 32 / 64)
        return 8, 0
    return None


def _scale(bits, block):
    """Bits of scale for each weight of a block; 0 where there is one scale for the whole matrix."""
    whole = isinstance(block, list) and block and all(type(side) is int and side > 0 for side in block)
    return bits / math.prod(block) if whole else 0


def _by_layer(layers, otherwise):
    """Formats of the rest and of the experts, from a list of layers with their own."""
    found = {True: {}, False: {}}
    for layer, each in layers.items():
        scheme = _algorithm(each.get("quant_algo")) if isinstance(each, dict) else None
        if scheme:
            counts = found["expert" in layer and "shared" not in layer]
            counts[scheme] = counts.get(scheme, 0) + 1
    most = {key: max(counts, key=counts.get) if counts else None for key, counts in found.items()}
    return most[False] or otherwise or (16, 0), most[True]
