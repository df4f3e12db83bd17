"""Writes Families/defaults.json: what configuration classes of transformers make of a config.json that says only sizes.

    python make_class_defaults.py        (in a virtual environment with requirements.txt)

Each line has a config.json and the values of the class's object that decide about the model's function.
"""

import json
import pathlib

import transformers

FILE = pathlib.Path(__file__).parent / "Families" / "defaults.json"
SIZES = dict(
    vocab_size=64, hidden_size=4096, intermediate_size=64, num_hidden_layers=30, num_attention_heads=32)
CLASSES = [
    "Llama", "Mistral", "Qwen2", "Qwen3", "SmolLM3", "Granite", "Olmo2", "Phi3", "Gemma", "Gemma2", "Gemma3"]
NAMES = [
    "num_key_value_heads", "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings", "sliding_window",
    "layer_types", "attention_bias", "mlp_bias", "query_pre_attn_scalar", "attn_logit_softcapping",
    "final_logit_softcapping", "embedding_multiplier", "residual_multiplier", "attention_multiplier",
    "logits_scaling", "no_rope_layers", "rope_parameters"]

# Settings that bring more defaults with them, and settings that are null.
VARIANTS = {
    "Qwen2 window": dict(use_sliding_window=True),
    "Qwen3 window": dict(use_sliding_window=True),
    "SmolLM3 window": dict(use_sliding_window=True, sliding_window=512),
    "Mistral null": dict(sliding_window=None),
    "Gemma2 null": dict(sliding_window=512, attn_logit_softcapping=None, final_logit_softcapping=None),
    "Gemma3 pattern": dict(sliding_window_pattern=3),
    "Gemma3 types": dict(layer_types=["full_attention", "sliding_attention"] * 15),
    "Gemma3 bases": dict(rope_theta=500.0, rope_local_base_freq=70.0),
    "Gemma gelu": dict(hidden_act="gelu"),
}
NULL_HEADS = ["Llama", "Qwen2", "Qwen3", "SmolLM3", "Granite", "Olmo2", "Phi3"]


def entry(prefix: str, more: dict) -> dict:
    file = dict(architectures=[f"{prefix}ForCausalLM"], **SIZES, **more)
    config = getattr(transformers, "Gemma3TextConfig" if prefix == "Gemma3" else f"{prefix}Config")(**SIZES, **more)
    values = {name: getattr(config, name) for name in NAMES if hasattr(config, name)}
    # Models without the setting give each head its share of the width.
    values["head_dim"] = getattr(config, "head_dim", config.hidden_size // config.num_attention_heads)
    values["activation"] = getattr(config, "hidden_activation", None) or config.hidden_act
    return dict(config=file, values=values)


def main() -> None:
    cases = {prefix: (prefix, {}) for prefix in CLASSES}
    cases |= {name: (name.split()[0], more) for name, more in VARIANTS.items()}
    cases |= {f"{prefix} heads": (prefix, dict(num_key_value_heads=None)) for prefix in NULL_HEADS}
    lines = [f"{json.dumps(name)}: {json.dumps(entry(*case))}" for name, case in cases.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
