"""Reading a config.json: the file, the text model inside a larger one, and what of it Model knows."""

import json
from pathlib import Path

from ..language.errors import NapkinError
from . import formats
from .architectures import FAMILIES, SAME_AS
from .counting import count, uncounted
from .fields import Fields, short

#: Where multimodal models keep the config of their text model.
NESTED = ("text_config", "language_config", "llm_config", "thinker_config", "language_model")


def load(config):
    """The config as a dict, and the name of the folder or file it was read from; None for a dict."""
    if isinstance(config, dict):
        return config, None
    if not isinstance(config, (str, Path)):
        raise NapkinError(f"a config is a dict or the path of a config.json, got {type(config).__name__}")
    if isinstance(config, str) and config.lstrip("\ufeff \t\r\n").startswith("{"):
        raise NapkinError(f"a config is a dict or the path of a config.json, got the text of one: {short(config)}")
    path = Path(config)
    try:
        folder = path if path.is_dir() else path.parent
        path = path / "config.json" if path.is_dir() else path
        loaded = _json(path)
        if path.name != "config.json":
            return loaded, path.name.removesuffix(".json").removesuffix(".config") or None
        beside = folder / "hf_quant_config.json"  # where some quantised releases say their formats
        if "quantization_config" not in loaded and beside.is_file() and (quantization := _json(beside).get("quantization")):
            loaded = {**loaded, "quantization_config": quantization}
        return loaded, folder.resolve().name or None
    except FileNotFoundError:
        raise NapkinError(f"there is no file {short(str(path), 200)}") from None
    except OSError as error:
        raise NapkinError(f"cannot read {short(str(path), 200)}: {error.strerror}") from None


def _json(path):
    """The object that a file holds, with or without a byte order mark."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise NapkinError(f"{str(path)!r} is not JSON") from None
    if isinstance(loaded, dict):
        return loaded
    raise NapkinError(f"{str(path)!r} holds no config: JSON, but no object")


def name_in(config):
    """What a config calls its model."""
    path = config.get("_name_or_path")
    if isinstance(path, str) and path:
        return path.rstrip("/").split("/")[-1] or path
    return str(config.get("model_type") or "a model")


def read(config):
    """The fields of Model that follow from a config, as a dict."""
    text, model_type = _text_of(config)
    family = _family(model_type, text if text.get("architectures") else config)
    if unknown := uncounted(text, family):
        raise NapkinError(f"cannot count the {unknown} of a {model_type!r} model")
    counted, parts = count(Fields(text, family.defaults), family)
    released, note = formats.as_released(text, **parts)
    return {**counted, **released, "notes": "; ".join(filter(None, (_left_out(config, text), note)))}


def _text_of(config):
    """The part of a config that describes the text model, and the model_type nearest to it."""
    text, model_type = config, config.get("model_type")
    for _ in NESTED:
        inner = next((text[name] for name in NESTED if isinstance(text.get(name), dict)), None)
        if inner is None:
            break
        # What only the outer config says holds for the text model too: tied embeddings, formats of weights.
        outer = {name: text.get(name) for name in ("tie_word_embeddings", "quantization_config", "quantization")}
        text = {**inner, **{name: value for name, value in outer.items() if value is not None and inner.get(name) is None}}
        model_type = text.get("model_type") or model_type
    return text, model_type


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


def _left_out(config, text):
    """A note on the parts that are not counted, where there are some."""
    parts = []
    if text is not config and any("vision" in str(name) or "audio" in str(name) for name in config):
        parts.append("the other parts of the multimodal model")
    if any(text.get(name) for name in ("num_nextn_predict_layers", "num_mtp_modules", "mtp_num_hidden_layers")):
        parts.append("the layers that guess further tokens ahead (MTP)")
    return f"not counted: {' and '.join(parts)}" if parts else ""
