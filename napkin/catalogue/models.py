"""Language models: `model("Qwen3-32B")`, or a `Model` read from its config.json."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..language.errors import NapkinError
from ..language.graph import evaluate
from ..language.inputs import INPUTS, check_together
from ..language.numbers import show
from . import configs, facts, names
from .entries import Catalogue, card, or_dash

#: What the formulas of the cache need to know of a model.
CACHE = (
    "full_kv_elements",
    "selected_kv_elements",
    "window_kv_elements",
    "window",
    "state_elements",
    "index_kv_elements",
    "packed_kv_bytes",
)


@dataclass(frozen=True, kw_only=True)
class Model:
    """A language model: weights, widths, caches and operations, in base units.

    Caches are of four kinds. `full_kv_elements` are kept for every token and read at every step; `selected_kv_elements` are kept
    for every token, of which a step reads at most `selected_tokens`; `window_kv_elements` are kept for the last `window` tokens;
    `state_elements` are kept once a sequence, however long. The `_pair_flops` are the operations of attention for one new token and
    one that it looks back on, over all layers of that kind. `state_flops` are those of one token on the states (see `blocks`).

    With multi-head latent attention, which decodes as if it had one KV head, `n_kv_heads` is 1 and `head_dim` the length of a query.
    Where layers differ, `n_heads`, `n_kv_heads` and `head_dim` are of the layers with a window.

    None stands for what is not known or does not exist. Raises NapkinError, in one sentence, for a field that makes no sense.
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
    index_kv_elements: float = 0  # of full_kv_elements, what an indexer keeps
    packed_kv_bytes: float = 0  # a token, that a server adds where the others are kept at 8 bits
    window_kv_elements: float = 0
    window: int | None = None
    chunked_windows: float = 0  # part of the layers with a window that look back only to where a chunk begins
    state_elements: int = 0
    full_pair_flops: float = 0
    selected_pair_flops: float = 0
    window_pair_flops: float = 0
    state_flops: int = 0
    prefill_full_pair_flops: float = 0
    prefill_selected_pair_flops: float = 0
    prefill_window_pair_flops: float = 0
    kv_shards: int = 1  # ways in which tensor parallelism can cut the cache
    weight_bits: float | None = None  # as released: of the narrowest format among them
    weight_scale_bits: float | None = None  # scales, zero points and what stays wider, in the mean over all weights but the experts
    lookup_bits: float | None = None  # of the embedding
    multiplied_bits: float | None = None  # in which most products are done, where that is not weight_bits
    unread_format: str = ""  # why weight_bits are not known
    kv_bits: float | None = None  # as servers keep them: 16, unless the config says otherwise
    expert_bits: float | None = None
    expert_scale_bits: float | None = None
    expert_padding: float = 0  # part by which kernels fill up the experts' width
    state_bits: float | None = None  # of an element of a state, where the config says
    attention: str = ""
    year: int | None = None
    hf_id: str = ""
    source: str = ""
    date: str = ""
    confidence: str = ""
    notes: str = ""

    def __post_init__(self):
        facts.check(self, least_0=("weight_scale_bits", "expert_scale_bits"))
        for part in ("active_parameters", "expert_parameters"):
            if getattr(self, part) > self.parameters:
                raise NapkinError(f"{part} must be at most parameters, got {getattr(self, part):,} of {self.parameters:,}")
        check_together(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any] | str | Path, name: str | None = None) -> "Model":
        """Read a model from its config.json.

        Every weight of the text model is counted, but no vision tower and no layers that only guess tokens ahead (MTP).

        Parameters: `config`, the path of the file or of its folder, or the dict that it holds; the params.json of Mistral and Meta is
        read too; `name`, what to call the model: left out, as its folder, or as the config says.
        Raises: NapkinError for a file that cannot be read, an architecture that is not known, a field that is missing or makes no sense.

        >>> Model.from_config({
        ...     "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256,
        ... }, name="Llama-3.1-8B")
        Llama-3.1-8B: 8.03 billion parameters (7.5 billion active), 32 layers, grouped-query, 65.5 kB of cache a token at 8 bits
        """
        config, found = configs.load(config)
        return cls(**{**configs.read(config), "name": name or found or configs.name_in(config)})

    @property
    def inputs(self) -> dict[str, float]:
        """What is known of it that is an input of the formulas, by name."""
        return dict(self._inputs)

    @functools.cached_property
    def _inputs(self):
        known = {name: getattr(self, name) for name in INPUTS if getattr(self, name, None) is not None}
        if self.vocabulary:
            known["head_parameters"] = self.vocabulary * self.d_model
        return {name: INPUTS[name].value_of(value) for name, value in known.items()}  # once, and not in every estimate

    def kv_elements_per_token(self, context: int | None = None) -> float:
        """Elements that the last of `context` tokens adds to the cache; without a context, past all windows."""
        return self._last_token(context, kv_bits=8, index_kv_elements=0, packed_kv_bytes=0)  # a byte each

    def kv_bytes_per_token(self, bits: int = 8, context: int | None = None) -> float:
        """The same in bytes, at `bits` an element, with the scales that a server keeps."""
        return self._last_token(context, kv_bits=bits)

    def _last_token(self, context, **given):
        # The formula tells what one token more adds: the last one did where the window is longer by one.
        window = (self.window or 0) + 1
        return self._kept("kv_bytes_per_token", window=window, context=window if context is None else context, **given)

    def kv_bytes_per_sequence(self, context: int, bits: int = 8, state_bits: int | None = None) -> float:
        """Bytes that one sequence of `context` tokens keeps: caches at `bits` an element, states at `state_bits`.

        Left out, `state_bits` are those that the config says, or else 16.
        """
        return self._kept("kv_bytes_per_sequence", context=context, kv_bits=bits, state_bits=state_bits or self.state_bits or 16)

    def _kept(self, name, **given):
        known = {each: getattr(self, each) for each in CACHE if getattr(self, each) is not None}
        return evaluate((name,), {**known, "count_caches": 1, **given})[name]

    def __repr__(self):
        active = "" if self.active_parameters == self.parameters else f" ({show(self.active_parameters, '1')} active)"
        cache = show(self.kv_bytes_per_token(), "byte/token")
        return (
            f"{self.name}: {show(self.parameters, '1')} parameters{active}, {self.n_layers} layers, {self.attention}, "
            f"{cache} of cache a token at 8 bits"
        )

    def _repr_html_(self):
        rows = {
            "parameters": show(self.parameters, "1"),
            "multiplied for a token": show(self.active_parameters, "1"),
            "experts": f"{self.n_experts} a layer, {self.experts_per_token} for each token" if self.expert_parameters else "",
            "layers": str(self.n_layers),
            "attention": self.attention,
            "cache a token, 8 bits": show(self.kv_bytes_per_token(), "byte/token"),
            f"state, {self.state_bits or 16:g} bits": show(self.state_elements * (self.state_bits or 16) / 8, "byte/sequence")
            if self.state_elements
            else "",
            "longest context": show(self.max_context, "token") if self.max_context else "",
            "source": self.source,
            "notes": self.notes,
        }
        return card(self.name, rows)


def _cells(model):
    return {
        "name": model.name,
        "year": or_dash(model.year),
        "parameters": show(model.parameters, "1"),
        "active": show(model.active_parameters, "1"),
        "layers": str(model.n_layers),
        "attention": model.attention,
        "cache a token, 8 bits": show(model.kv_bytes_per_token(), "byte/token"),
        "longest context": or_dash(model.max_context, "token"),
        "source": model.source,
    }


def _model(row):
    config = json.loads(row["config"])
    read = configs.read(config) if "model_type" in config else config  # the article has no config, only the numbers it reckons with
    text = {name: row[name] for name in ("name", "hf_id", "source", "date", "confidence")}
    notes = "; ".join(filter(None, (row["notes"], read.get("notes"))))
    return Model(**{**read, **text, "year": int(row["year"]), "notes": notes})


def _hub(row):
    """What the Hub calls it."""
    return filter(None, [row["hf_id"]])


def _told(model):
    return f"{show(model.parameters, '1')} weights"


model: Catalogue[Model] = Catalogue(
    "model", "models.csv", _model, _cells, plain=names.repository, also=_hub, stem=names.without_format, tell=_told,
    own="any model can be given by its config.json or its numbers",
)  # fmt: skip
