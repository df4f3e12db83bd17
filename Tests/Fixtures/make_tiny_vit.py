"""Writes TinyViT: a classifier of two layers with random weights in the Hugging Face layout, and its float64 answers.

    python make_tiny_vit.py        (in a virtual environment with requirements.txt)

Pictures are the samples in models/samples, prepared as transformers' image processor does it; weights and answers are
the same for every run with the same versions and pictures.
"""

import hashlib
import json
import pathlib

import numpy
import torch
from PIL import Image
from safetensors.numpy import save_file
from transformers import ViTForImageClassification, ViTImageProcessorPil

FOLDER = pathlib.Path(__file__).parent / "TinyViT"
SAMPLES = pathlib.Path(__file__).parents[2] / "models" / "samples"
SEED = 21
LABELS = ["plum", "pear", "fig", "quince", "sloe", "medlar", "cherry"]
MEAN, DEVIATION = [0.49, 0.48, 0.45], [0.25, 0.24, 0.26]

CONFIG = dict(
    image_size=20, patch_size=4, num_channels=3, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
    intermediate_size=48, hidden_act="gelu", layer_norm_eps=1e-6, qkv_bias=True,
)
PREPROCESSING = dict(
    do_resize=True, size=dict(height=20, width=20), resample=2, do_rescale=True, rescale_factor=1 / 255,
    do_normalize=True, image_mean=MEAN, image_std=DEVIATION,
)


def make_weights() -> dict[str, numpy.ndarray]:
    """Normal weights whose layers give outputs about as large as their inputs; norms around 1."""
    random = numpy.random.default_rng(SEED)
    width, hidden, patch = CONFIG["hidden_size"], CONFIG["intermediate_size"], CONFIG["patch_size"]
    tokens = (CONFIG["image_size"] // patch) ** 2 + 1
    weights: dict[str, numpy.ndarray] = {}

    def normal(name: str, *shape: int, gain: float = 1) -> None:
        inputs = numpy.prod(shape[1:])
        weights[name + ".weight"] = (random.standard_normal(shape) * gain / inputs**0.5).astype(numpy.float32)
        weights[name + ".bias"] = random.uniform(-0.1, 0.1, shape[0]).astype(numpy.float32)

    def norm(name: str) -> None:
        weights[name + ".weight"] = random.uniform(0.5, 1.5, width).astype(numpy.float32)
        weights[name + ".bias"] = random.uniform(-0.1, 0.1, width).astype(numpy.float32)

    weights["vit.embeddings.cls_token"] = random.standard_normal((1, 1, width)).astype(numpy.float32)
    positions = 0.5 * random.standard_normal((1, tokens, width))
    weights["vit.embeddings.position_embeddings"] = positions.astype(numpy.float32)
    normal("vit.embeddings.patch_embeddings.projection", width, 3, patch, patch)
    for layer in range(CONFIG["num_hidden_layers"]):
        name = f"vit.encoder.layer.{layer}."
        norm(name + "layernorm_before")
        # Queries and keys a little larger, so that attention prefers some patches to others.
        normal(name + "attention.attention.query", width, width, gain=1.5)
        normal(name + "attention.attention.key", width, width, gain=1.5)
        normal(name + "attention.attention.value", width, width)
        normal(name + "attention.output.dense", width, width)
        norm(name + "layernorm_after")
        normal(name + "intermediate.dense", hidden, width)
        normal(name + "output.dense", width, hidden)
    norm("vit.layernorm")
    normal("classifier", len(LABELS), width, gain=2)
    return weights


def pixel_values(picture: pathlib.Path) -> torch.Tensor:
    """The picture as transformers' processor prepares it, resized by Pillow and normalized in float64.

    The processor's own result, in float32, differs by rounding only; that is checked.
    """
    image = Image.open(picture).convert("RGB")
    size = (CONFIG["image_size"], CONFIG["image_size"])
    levels = numpy.asarray(image.resize(size, Image.Resampling.BILINEAR), dtype=numpy.float64)
    exact = ((levels / 255 - numpy.array(MEAN)) / numpy.array(DEVIATION)).transpose(2, 0, 1)
    processed = ViTImageProcessorPil(**PREPROCESSING)(image, return_tensors="np")["pixel_values"][0]
    assert abs(exact - processed).max() < 1e-5, f"{picture.name}: {abs(exact - processed).max()}"
    return torch.from_numpy(exact)[None]


@torch.no_grad()
def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    weights = make_weights()
    save_file(weights, FOLDER / "model.safetensors", metadata={"format": "pt"})
    names = {str(index): label for index, label in enumerate(LABELS)}
    config = dict(
        architectures=["ViTForImageClassification"], model_type="vit", torch_dtype="float32", **CONFIG, id2label=names,
        label2id={label: int(index) for index, label in names.items()})
    (FOLDER / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (FOLDER / "preprocessor_config.json").write_text(json.dumps(PREPROCESSING, indent=2) + "\n")

    # Loaded as anybody's folder; every tensor must find its place.
    model, report = ViTForImageClassification.from_pretrained(
        FOLDER, dtype=torch.float64, attn_implementation="sdpa", output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"], report
    model = model.eval()

    pictures, rows = [], []
    for picture in sorted(SAMPLES.glob("*.ppm")):
        pictures.append(dict(file=picture.name, sha256=hashlib.sha256(picture.read_bytes()).hexdigest()))
        rows.append(model(pixel_values(picture)).logits[0].numpy())
        best = numpy.sort(rows[-1])
        print(f"{picture.name}: best {rows[-1].argmax()}, gap {best[-1] - best[-2]:.3f}")
    save_file({"logits": numpy.stack(rows)}, FOLDER / "expected.safetensors")
    for file in FOLDER.glob("*.safetensors"):
        file.chmod(0o644)
    (FOLDER / "expected.json").write_text(json.dumps(dict(pictures=pictures), indent=1) + "\n")


if __name__ == "__main__":
    main()
