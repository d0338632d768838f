"""The fields of a config.json, checked as they are read: a wrong one is told by its name."""

from ..language.errors import NapkinError

#: The same field under other names.
ALSO = {
    "hidden_size": ("n_embd", "n_embed", "d_model"),
    "num_hidden_layers": ("n_layer", "n_layers", "num_layers"),
    "num_attention_heads": ("n_head", "n_heads"),
    "num_key_value_heads": ("num_kv_heads", "n_head_kv", "kv_n_heads", "num_attention_groups"),
    "intermediate_size": ("n_inner", "ffn_dim", "ffn_hidden_size"),
    "max_position_embeddings": ("n_positions", "model_max_length", "max_seq_len", "seq_length", "max_sequence_length", "context_length"),
    "num_experts": ("num_local_experts", "n_routed_experts", "moe_num_experts"),
    "num_experts_per_tok": ("num_experts_per_token", "moe_topk", "moe_k", "top_k_experts", "experts_per_token", "moe_top_k"),
    "n_shared_experts": ("num_shared_experts", "moe_num_shared_experts", "num_shared_expert"),
    "moe_intermediate_size": ("expert_ffn_hidden_size",),
    "sliding_window_pattern": ("_sliding_window_pattern",),
    "layer_types": ("layers_block_type",),
    "ssm_state_size": ("mamba_d_state", "state_size"),
    "mamba_num_heads": ("mamba_n_heads", "n_mamba_heads"),
    "mamba_head_dim": ("mamba_d_head", "mamba_headdim"),
    "n_groups": ("mamba_n_groups", "mamba_ngroups"),
    "conv_kernel": ("mamba_d_conv",),
    "expand": ("mamba_expand",),
    "use_conv_bias": ("mamba_conv_bias",),
    "time_step_rank": ("mamba_dt_rank",),
}

MOST = 10**7  # no width, vocabulary or number of layers of a real model comes near; beyond, a field holds something else
MOST_LAYERS = 10_000


def names_of(name):
    """All names of a field."""
    return (name, *ALSO.get(name, ()))


def short(value, most=40):
    """A value as a sentence shows it."""
    try:
        text = repr(value)
    except ValueError:  # more digits than Python writes
        text = "a number of very many digits"
    return text if len(text) < most else text[: most - 3] + "…"


class Fields:
    """The fields of one config, under any of their names; else what the family takes for a field that is left out."""

    def __init__(self, config, defaults=()):
        self.config, self.defaults = config, dict(defaults)

    def but(self, **changes):
        """These fields with others in their place."""
        return Fields({**self.config, **changes}, self.defaults) if changes else self

    def known(self, name):
        """The name that the config has for a field, None where it has none."""
        return next((known for known in names_of(name) if self.config.get(known) is not None), None)

    def _wrong(self, name, needs, value):
        return NapkinError(f"{self.known(name) or name} must be {needs}, got {short(value)}")

    def null(self, name):
        """Whether the config says null: that there is none, whatever the default."""
        return self.config.get(name, 0) is None

    def get(self, name, default=None):
        """The value of a field under any of its names; else the family's default, else `default`."""
        known = self.known(name)
        return self.config[known] if known else self.defaults.get(name, default)

    def count(self, name, default=None, least=1, most=MOST):
        """A whole number; without a default, NapkinError where the field is missing."""
        value = self.get(name, default)
        if isinstance(value, list) and value and value.count(value[0]) == len(value):
            value = value[0]  # written once a layer
        if value is None:
            raise NapkinError(f"the config has no {name}")
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            limit = f"between {least} and {most:,}" if isinstance(value, int) and value > most else f"at least {least}"
            raise self._wrong(name, f"a whole number, {limit}", value)
        return value

    def maybe(self, name, default=None, least=1, most=MOST):
        """A whole number, or None where the field is missing or null, or has no name."""
        return None if not name or self.get(name, default) is None else self.count(name, default, least, most)

    def on(self, switch):
        """Whether a switch is on: True, False, or the name of the field that says so."""
        return switch if isinstance(switch, bool) else self._of(bool, switch, "true or false", False)

    def several(self, name, n):
        """A list with one entry a layer, or None where the field is missing."""
        value = self._of(list, name, "a list")
        if value is not None and len(value) != n:
            raise NapkinError(f"{name} must have one entry for each of the {n} layers, got {len(value)}")
        return value

    def inner(self, name):
        """The fields of an object inside the config; none where it is missing."""
        return Fields(self._of(dict, name, "an object", {}))

    def numbers(self, name):
        """A list of whole numbers, or None where the field is missing."""
        value = self._of(list, name, "a list of whole numbers")
        if not all(type(each) is int for each in value or ()):
            raise self._wrong(name, "a list of whole numbers", value)
        return value

    def _of(self, kind, name, needs, default=None):
        value = self.get(name, default)
        if value is not None and not isinstance(value, kind):
            raise self._wrong(name, needs, value)
        return value
