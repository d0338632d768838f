"""Reading a config.json: the file, the text model inside a larger one, and what of it Model knows."""

import difflib
import json
import re
from pathlib import Path

from ..language.errors import NapkinError
from . import formats, params
from .architectures import FAMILIES, SAME_AS, VARIANTS
from .counting import count, uncounted
from .fields import Fields, short
from .sizes import NAMES as SIZED
from .sizes import SIZES

#: Where multimodal models keep the config of their text model.
NESTED = ("text_config", "language_config", "llm_config", "thinker_config", "language_model", "llm_backbone_config", "text_model_config")

#: Models that write no token after another, by how their model_type begins.
ENCODERS = """
    albert bert camembert canine clip data2vec deberta dinov2 distilbert electra ernie_m esm eurobert flaubert funnel jina
    layoutlm longformer modernbert mobilebert mpnet mra nomic_bert nystromformer rembert roberta
    roformer siglip squeezebert vit xlm wav2vec2 hubert
""".split()
BOTH = """
    bart bigbird_pegasus blenderbot encoder-decoder fsmt led longt5 m2m_100 marian mbart mt5 mvp nllb pegasus plbart prophetnet seamless
    speech_to_text switch_transformers t5 t5gemma umt5 whisper moonshine florence2 pix2struct udop
""".split()


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
        if path.is_dir():
            named = [path / name for name in ("config.json", "params.json")]
            path = next((each for each in named if each.is_file()), named[0])
        loaded = _json(path)
        if path.name not in ("config.json", "params.json"):
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


#: Said of models with states and caches; measured on vLLM.
PADDED = "vLLM pads the pages of its caches to the size of its states: a conversation takes 7 to 17 % more there"


def read(config):
    """The fields of Model that follow from a config, as a dict."""
    config = params.as_config(config)
    text, model_type = _text_of(config)
    family = _family(model_type, text if text.get("architectures") else config)
    if unknown := uncounted(text, family):
        raise NapkinError(f"cannot count the {unknown} of a {model_type!r} model")
    sizes = SIZES.get(_known(model_type), {}) if text is not config else {}
    fields = Fields(text, {**sizes, **family.defaults})
    counted, parts = count(fields, family)
    released, note = formats.as_released(text, **parts)
    if counted.get("state_elements"):
        released |= _state_bits(text)
    padded = counted.get("state_elements") and counted.get("full_kv_elements")
    notes = [_left_out(config, text), note, family.note, PADDED if padded else "", _taken(fields, bool(counted.get("expert_parameters")))]
    return {**counted, **released, "notes": "; ".join(filter(None, notes))}


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
        model_type = text.get("model_type") or _by_class(text) or model_type
    return text, model_type or _by_class(text)


def _by_class(config):
    """The architecture that a config's class is named after, where it is known: "Qwen2ForCausalLM"; None where it is not."""
    called = config.get("architectures")
    called = _plain(called[0]) if isinstance(called, list) and called and isinstance(called[0], str) else ""
    called = re.sub("(for)?(causallm|conditionalgeneration|rewardmodel|sequenceclassification)$|lmheadmodel$|model$", "", called)
    return SPELLED.get(called)


def _plain(name):
    """A name without what spellings differ in."""
    return re.sub("[^a-z0-9]", "", name.lower())


SPELLED = {_plain(name): name for name in (*SAME_AS, *FAMILIES)}


def _known(model_type):
    """The row of FAMILIES that a model_type means, however it is spelled."""
    if isinstance(model_type, str) and model_type not in FAMILIES and model_type not in SAME_AS:
        model_type = SPELLED.get(_plain(model_type), model_type)
    return SAME_AS.get(model_type, model_type)


def _family(model_type, config):
    if not isinstance(model_type, str) or not model_type:
        raise NapkinError("the config has no model_type, which names the architecture")
    known = _known(model_type)
    for field, value, instead in VARIANTS.get(known, ()):
        if field in config and (value is None or config[field] == value):
            known = instead
    family = FAMILIES.get(known) or FAMILIES.get(_known(_by_class(config)))
    if family is None:
        raise NapkinError(_unknown(model_type, config))
    return family


def _unknown(model_type, config):
    """Why an architecture cannot be counted, in a sentence."""
    plain = model_type.lower()
    if any(plain.startswith(name) for name in ENCODERS) and "decoder" not in plain:
        return f"{model_type!r} is an encoder: it generates no tokens one after another"
    if any(plain.startswith(name) for name in BOTH) or config.get("is_encoder_decoder") is True:
        return f"{model_type!r} is an encoder with a decoder, and not counted: napkin counts models that only decode"
    called = config.get("architectures")
    called = f" ({short(called[0])[1:-1]})" if isinstance(called, list) and called and isinstance(called[0], str) else ""
    near = difflib.get_close_matches(plain, [*FAMILIES, *SAME_AS], 1)
    near = f"; the nearest known one is {near[0]!r}" if near else ""
    otherwise = "Any model can be given by its numbers: parameters=, n_layers=, …"
    return f"cannot read the architecture {short(model_type)}{called}{near}. {otherwise}"


#: How wide an element of a state is, by the name of its type.
TYPES = {"float32": 32, "bfloat16": 16, "float16": 16, "float8_e4m3fn": 8, "float8_e5m2": 8}


def _state_bits(text):
    """The type of the states, where the config says it."""
    said = text.get("mamba_ssm_dtype") or text.get("mamba_ssm_cache_dtype") or text.get("ssm_state_dtype")
    bits = TYPES.get(said.removeprefix("torch.")) if isinstance(said, str) else None
    return {"state_bits": bits} if bits else {}


def _taken(fields, has_experts):
    """A note on sizes that the config leaves out."""
    names = (*SIZED, "num_experts") if has_experts else SIZED
    taken = [f"{name} {fields.defaults[name]:,}" for name in names if not fields.known(name) and name in fields.defaults]
    return f"not in the config, taken as usual: {', '.join(taken)}" if taken else ""


def _left_out(config, text):
    """A note on the parts that are not counted, where there are some."""
    parts = []
    if any(("vision" in str(name) or "audio" in str(name)) and (text is not config or isinstance(config[name], dict)) for name in config):
        parts.append("the other parts of the multimodal model")
    if any(text.get(name) for name in ("num_nextn_predict_layers", "num_mtp_modules", "mtp_num_hidden_layers")):
        parts.append("the layers that guess further tokens ahead (MTP)")
    return f"not counted: {' and '.join(parts)}" if parts else ""
