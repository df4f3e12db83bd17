"""Writes TinyLlama: a decoder of two layers with random weights in the Hugging Face layout, and its float64 answers.

    python make_tiny_llama.py        (in a virtual environment with requirements.txt)

Weights, vocabulary and answers are the same for every run with the same versions. The answers are those of
transformers in float64: the places where it computes in float32 whatever the model's type (RMSNorm, the rotary
table) are replaced by the same formulas in float64, and the script checks that this changes the logits by rounding
only.
"""

import json
import pathlib

import numpy
import torch
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaForCausalLM
from transformers.models.llama import modeling_llama

FOLDER = pathlib.Path(__file__).parent / "TinyLlama"
SEED = 20
VOCABULARY = 288
GREEDY_TOKENS = 48

# Two of them cross the cache's pages of 64 tokens; the first is short, the last has bytes outside ASCII.
PROMPTS = [
    "The ship",
    "A small boat left the harbour at dawn. The wind was light, the water grey, and nobody on the quay looked up from "
    "the nets. By noon the sail was a white mark on the line between the sea and the sky.",
    "Twelve horses, 3 carts & one goose: that was the fair of 1847! «Combien?» asked the woman in the blue coat; the "
    "café was full, and the naïve price — ½ a crown — made everybody laugh. Then it rained, and the horses went home.",
]
# Rows of logits that the fixture keeps: the first, both sides of each page's end, and the last.
KEPT_ROWS = [0, 1, 62, 63, 64, 65, 126, 127, 128, 129, -1]

CONFIG = dict(
    vocab_size=VOCABULARY, hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, head_dim=8, max_position_embeddings=512, rms_norm_eps=1e-5, rope_theta=10_000.0,
    tie_word_embeddings=False, attention_bias=False, mlp_bias=False, hidden_act="silu", bos_token_id=0,
    eos_token_id=1,
)


def make_tokenizer() -> Tokenizer:
    """Byte-level BPE with GPT-2's words and `<s>` before every text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken("<s>", special=True), AddedToken("</s>", special=True)]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False)
    tokenizer.train_from_iterator(PROMPTS, trainer)
    assert tokenizer.get_vocab_size() == VOCABULARY
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    return tokenizer


def make_weights() -> dict[str, numpy.ndarray]:
    """Normal weights whose layers give outputs about as large as their inputs; norms around 1."""
    random = numpy.random.default_rng(SEED)
    width, hidden = CONFIG["hidden_size"], CONFIG["intermediate_size"]
    shared = CONFIG["num_key_value_heads"] * CONFIG["head_dim"]

    def normal(rows: int, columns: int, gain: float = 1) -> numpy.ndarray:
        return (random.standard_normal((rows, columns)) * gain / columns**0.5).astype(numpy.float32)

    def norm() -> numpy.ndarray:
        return random.uniform(0.5, 1.5, width).astype(numpy.float32)

    weights = {"model.embed_tokens.weight": normal(VOCABULARY, width, width**0.5)}
    for layer in range(CONFIG["num_hidden_layers"]):
        name = f"model.layers.{layer}."
        weights[name + "input_layernorm.weight"] = norm()
        # Queries and keys a little larger, so that attention prefers some tokens to others.
        weights[name + "self_attn.q_proj.weight"] = normal(width, width, 1.5)
        weights[name + "self_attn.k_proj.weight"] = normal(shared, width, 1.5)
        weights[name + "self_attn.v_proj.weight"] = normal(shared, width)
        weights[name + "self_attn.o_proj.weight"] = normal(width, width)
        weights[name + "post_attention_layernorm.weight"] = norm()
        weights[name + "mlp.gate_proj.weight"] = normal(hidden, width)
        weights[name + "mlp.up_proj.weight"] = normal(hidden, width)
        weights[name + "mlp.down_proj.weight"] = normal(width, hidden)
    weights["model.norm.weight"] = norm()
    weights["lm_head.weight"] = normal(VOCABULARY, width, 2)
    return weights


class ExactNorm(modeling_llama.LlamaRMSNorm):
    """RMSNorm in the type of its input; transformers goes through float32."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))


class ExactRotary(torch.nn.Module):
    """The rotary table in float64."""

    def forward(self, x: torch.Tensor, position_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        size = CONFIG["head_dim"]
        frequencies = CONFIG["rope_theta"] ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
        angles = position_ids[..., None].double() * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos(), angles.sin()


def load_model() -> LlamaForCausalLM:
    """The fixture, loaded by transformers as anybody's folder; every tensor must find its place."""
    # `sdpa` has a softmax in float64; `eager` has one in float32.
    model, report = LlamaForCausalLM.from_pretrained(
        FOLDER, dtype=torch.float64, attn_implementation="sdpa", output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"], report
    return model.eval()


def make_exact(model: LlamaForCausalLM) -> None:
    model.model.rotary_emb = ExactRotary()
    for module in list(model.modules()):
        if isinstance(module, modeling_llama.LlamaRMSNorm):
            module.__class__ = ExactNorm


@torch.no_grad()
def logits(model: LlamaForCausalLM, ids: list[int]) -> numpy.ndarray:
    return model(torch.tensor([ids]), use_cache=False).logits[0].numpy()


def greedy(model: LlamaForCausalLM, ids: list[int]) -> tuple[list[int], float]:
    """The continuation, and the smallest gap between the two best logits on the way."""
    tokens, gap = list(ids), float("inf")
    for _ in range(GREEDY_TOKENS):
        last = numpy.sort(logits(model, tokens)[-1])
        gap = min(gap, float(last[-1] - last[-2]))
        tokens.append(int(logits(model, tokens)[-1].argmax()))
    return tokens[len(ids):], gap


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    tokenizer, weights = make_tokenizer(), make_weights()
    tokenizer.save(str(FOLDER / "tokenizer.json"), pretty=False)
    save_file(weights, FOLDER / "model.safetensors", metadata={"format": "pt"})
    config = dict(architectures=["LlamaForCausalLM"], model_type="llama", torch_dtype="float32", **CONFIG)
    (FOLDER / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (FOLDER / "tokenizer_config.json").write_text(
        json.dumps(dict(bos_token="<s>", eos_token="</s>", add_bos_token=True), indent=2) + "\n")

    model = load_model()
    ids = [tokenizer.encode(prompt).ids for prompt in PROMPTS]
    as_shipped = [logits(model, each) for each in ids]
    make_exact(model)
    prompts, tensors = [], {}
    for index, (prompt, tokens, before) in enumerate(zip(PROMPTS, ids, as_shipped)):
        exact = logits(model, tokens)
        difference = float(abs(exact - before).max() / abs(exact).max())
        assert exact.dtype == numpy.float64 and difference < 1e-5, difference
        rows = sorted({row % len(tokens) for row in KEPT_ROWS if row < len(tokens)})
        continuation, gap = greedy(model, tokens)
        assert gap > 1e-3, f"prompt {index}: the two best logits are {gap} apart, too near for a test; take another seed"
        tensors[f"prompt.{index}.logits"] = exact[rows]
        prompts.append(dict(text=prompt, ids=tokens, rows=rows, greedy=continuation))
        print(f"prompt {index}: {len(tokens)} tokens, logits up to {abs(exact).max():.2f}, deviation "
              f"{exact.std():.2f}, float32 in transformers changes {difference:.1e}, smallest gap {gap:.4f}")
    save_file(tensors, FOLDER / "expected.safetensors")
    for file in FOLDER.glob("*.safetensors"):
        file.chmod(0o644)
    lines = ",\n  ".join(json.dumps(each, ensure_ascii=False) for each in prompts)
    (FOLDER / "expected.json").write_text("{\"prompts\": [\n  " + lines + "\n]}\n")


if __name__ == "__main__":
    main()
