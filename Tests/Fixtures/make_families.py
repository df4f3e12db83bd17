"""Writes Families: a decoder of random weights for each family of language models, and its answers in float64.

    python make_families.py [NAME...]        (in a virtual environment with requirements.txt)

Each folder is what `save_pretrained` of transformers writes, with weights in bfloat16, and `expected.*`: logits of a text of
token ids that is longer than the window, and a greedy continuation. transformers computes norms, the rotary table and
softmax in float32 whatever the model's type, so that the answers are exact to about 1e-6 of the greatest logit.

`rotary.json` has the inverse frequencies of each rule, from the functions that transformers' models call.
"""

import json
import pathlib
import sys

import numpy
import torch
import transformers
from safetensors.numpy import save_file
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.phi3.modeling_phi3 import Phi3RotaryEmbedding as PhiRotary

FOLDER = pathlib.Path(__file__).parent / "Families"
VOCABULARY = 128
TOKENS = 72
GREEDY_TOKENS = 64
WINDOW = 16
KEPT_ROWS = [0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 63, 64, 65, TOKENS - 1]

SIZES = dict(
    vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=256, bos_token_id=1, eos_token_id=2, pad_token_id=0)
SLIDING, FULL = "sliding_attention", "full_attention"


def rope(theta: float = 10_000.0, **rule) -> dict:
    return dict(rope_theta=theta, rope_type=rule.pop("rope_type", "default"), **rule)


LLAMA3 = rope(
    500_000.0, rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=64)
YARN = rope(rope_type="yarn", factor=4.0, original_max_position_embeddings=64)

# Name of the folder, class of transformers without "ForCausalLM" and "Config", settings beside `SIZES`.
FAMILIES = {
    "llama": ("Llama", dict(head_dim=12, attention_bias=True, mlp_bias=True, rope_parameters=LLAMA3)),
    "llama-linear": ("Llama", dict(rope_parameters=rope(rope_type="linear", factor=4.0))),
    "mistral": ("Mistral", dict(sliding_window=WINDOW, head_dim=12)),
    "qwen2": ("Qwen2", dict(rope_parameters=YARN)),
    "qwen2-window": ("Qwen2", dict(use_sliding_window=True, sliding_window=WINDOW, max_window_layers=1)),
    "qwen3": ("Qwen3", dict(head_dim=16, tie_word_embeddings=True)),
    "smollm3": ("SmolLM3", dict(num_hidden_layers=4, no_rope_layer_interval=4, tie_word_embeddings=True)),
    "granite": ("Granite", dict(
        embedding_multiplier=12.0, residual_multiplier=0.22, attention_multiplier=0.2, logits_scaling=4.0)),
    "olmo2": ("Olmo2", {}),
    "phi3": ("Phi3", dict(
        head_dim=16, rope_parameters=rope(partial_rotary_factor=0.5))),
    "gemma": ("Gemma", dict(head_dim=16)),
    "gemma2": ("Gemma2", dict(
        head_dim=16, sliding_window=WINDOW, query_pre_attn_scalar=24, attn_logit_softcapping=2.0,
        final_logit_softcapping=5.0)),
    "gemma3": ("Gemma3", dict(
        num_hidden_layers=3, head_dim=8, sliding_window=WINDOW, query_pre_attn_scalar=12,
        layer_types=[SLIDING, SLIDING, FULL],
        rope_parameters={
            FULL: rope(1_000_000.0, rope_type="linear", factor=8.0), SLIDING: rope(10_000.0)})),
}


def configuration(prefix: str, settings: dict):
    name = "Gemma3TextConfig" if prefix == "Gemma3" else f"{prefix}Config"
    return getattr(transformers, name)(**{**SIZES, **settings})


def fill(model: torch.nn.Module, seed: int) -> None:
    """Weights whose layers give outputs about as large as their inputs; norms around 1, Gemma's around 0."""
    random = numpy.random.default_rng(seed)
    from_zero = "Gemma" in type(model).__name__
    for name, parameter in model.named_parameters():
        shape = tuple(parameter.shape)
        if "norm" in name:
            values = random.uniform(-0.5, 0.5, shape) + (0 if from_zero else 1)
        elif name.endswith("bias"):
            values = random.normal(0, 0.3, shape)
        else:
            values = random.normal(0, 1.5 / shape[-1] ** 0.5, shape)
        parameter.data = torch.tensor(values, dtype=torch.float64).to(torch.bfloat16)


@torch.no_grad()
def logits(model: torch.nn.Module, ids: list[int]) -> numpy.ndarray:
    return model(torch.tensor([ids]), use_cache=False).logits[0].double().numpy()


def greedy(model: torch.nn.Module, ids: list[int]) -> tuple[list[int], float]:
    """The continuation, and the smallest gap between the two best logits on the way."""
    tokens, gap = list(ids), float("inf")
    for _ in range(GREEDY_TOKENS):
        last = logits(model, tokens)[-1]
        best = numpy.sort(last)
        gap = min(gap, float(best[-1] - best[-2]))
        tokens.append(int(last.argmax()))
    return tokens[len(ids):], gap


def write(name: str) -> None:
    prefix, settings = FAMILIES[name]
    folder = FOLDER / name
    config = configuration(prefix, settings)
    architecture = getattr(transformers, f"{prefix}ForCausalLM")
    ids = numpy.random.default_rng(7).integers(3, VOCABULARY, TOKENS).tolist()
    # The first seed whose greedy choices are far enough apart for a test.
    for seed in range(40):
        model = architecture._from_config(config, dtype=torch.bfloat16, attn_implementation="eager")
        fill(model, seed)
        model.generation_config.do_sample = False
        model.save_pretrained(folder)
        model, report = architecture.from_pretrained(
            folder, dtype=torch.float64, attn_implementation="eager", output_loading_info=True)
        assert not report["missing_keys"] and not report["unexpected_keys"], report
        model = model.eval()
        continuation, gap = greedy(model, ids)
        if gap > 2e-3:
            break
    else:
        raise SystemExit(f"{name}: no seed keeps greedy choices apart")
    exact = logits(model, ids)
    save_file({"logits": exact[KEPT_ROWS]}, folder / "expected.safetensors")
    (folder / "expected.json").write_text(
        json.dumps(dict(ids=ids, rows=KEPT_ROWS, greedy=continuation)) + "\n")
    for file in folder.iterdir():
        file.chmod(0o644)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{name}: seed {seed}, {size} bytes, logits up to {abs(exact).max():.2f}, smallest gap {gap:.4f}", flush=True)


# Settings of a rule, with sizes of heads as models have them.
RULES = {
    "default": rope(),
    "partial": rope(partial_rotary_factor=0.75),
    "linear": rope(rope_type="linear", factor=8.0),
    "dynamic": rope(rope_type="dynamic", factor=4.0),
    "llama3": rope(
        500_000.0, rope_type="llama3", factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=8192),
    "yarn": rope(1_000_000.0, rope_type="yarn", factor=4.0, original_max_position_embeddings=32768),
    "yarn-fraction": rope(
        150_000.0, rope_type="yarn", factor=32.0, beta_fast=32.0, beta_slow=1.0, truncate=False,
        original_max_position_embeddings=4096),
    "yarn-mscale": rope(
        rope_type="yarn", factor=40.0, mscale=1.0, mscale_all_dim=0.707, original_max_position_embeddings=4096),
    "longrope": rope(
        rope_type="longrope", original_max_position_embeddings=4096,
        short_factor=[1.0 + 0.125 * i for i in range(32)], long_factor=[1.0 + 0.5 * i for i in range(32)]),
}


def write_rules() -> None:
    """For each rule a config.json and what transformers makes of it for a short text."""
    sizes = dict(
        hidden_size=256, intermediate_size=512, num_hidden_layers=1, num_attention_heads=4, head_dim=64, vocab_size=8,
        max_position_embeddings=131072)
    lines = []
    for name, rule in RULES.items():
        config = transformers.LlamaConfig(**sizes, rope_parameters=dict(rule))
        kind = config.rope_parameters["rope_type"]
        # What has no rule of its own the models compute themselves; of the partial share, those that know one.
        if kind == "default":
            frequencies, factor = PhiRotary(config).inv_freq, 1.0
        else:
            frequencies, factor = ROPE_INIT_FUNCTIONS[kind](config, torch.device("cpu"), seq_len=512)
        entry = dict(
            config=dict(**sizes, rope_parameters=rule), frequencies=frequencies.double().tolist(),
            magnitude=float(factor))
        lines.append(f"{json.dumps(name)}: {json.dumps(entry)}")
    (FOLDER / "rotary.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    for name in sys.argv[1:] or [*FAMILIES, "rotary"]:
        write_rules() if name == "rotary" else write(name)


if __name__ == "__main__":
    main()
