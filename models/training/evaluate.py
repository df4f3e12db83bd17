"""Scores a trained model in float32 and writes its manifest.

    python evaluate.py vit cifar10-vit --data cifar10-train.tar.gz --work work-vit --test test-1000.bin --manifest ../cifar10-vit.json
    python evaluate.py stories stories-7m --data stories --work work-stories --manifest ../stories-7m.json

The test file (CIFAR-10 binary records: a label byte and 3,072 bytes of planes) is only for the last figure: nothing was chosen by it.
"""
import argparse
import datetime
import hashlib
import json
import math
import pathlib

import numpy as np
import torch
from safetensors.torch import load_file

from llama import Llama, from_hf
from train_stories import load_tokens, sample, validate
from train_vit import HELD_OUT, accuracy, load_images
from vit import load_hf

PROVENANCE = {
    "vit": "The 50,000 CIFAR-10 training images (A. Krizhevsky, 2009; no licence stated; the images are not redistributed here). "
           "1,000 of them were held out for validation. First weights: an earlier training run of this project on the same images.",
    "stories": "96 books of tales and children's novels in the public domain in the United States (editions of Standard Ebooks, CC0, and "
               "texts of Project Gutenberg without its name and notices), 38.6 MB. The last hundredth of the token stream was held out. "
               "First weights and tokenizer: an earlier training run of this project on the same text.",
}
SCRIPTS = {"vit": "train_vit.py", "stories": "train_stories.py"}


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("kind", choices=["vit", "stories"])
    p.add_argument("model", help="Hugging Face directory")
    p.add_argument("--data", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--test", help="CIFAR-10 binary file")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--manifest", help="JSON file to write")
    p.add_argument("--note", help="what else a reader of the manifest should know")
    return p.parse_args()


def score_vit(a):
    net = load_hf(a.model)
    images, labels = load_images(a.data, pathlib.Path(a.work))
    figures = {"validation_images": HELD_OUT, "validation_top1": accuracy(net, images[:HELD_OUT], labels[:HELD_OUT])}
    if a.test:
        records = np.fromfile(a.test, np.uint8).reshape(-1, 3073)
        pixels = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).copy())
        figures |= {"test_images": len(records), "test_top1_float32": accuracy(net, pixels, torch.from_numpy(records[:, 0].astype(np.int64)))}
    return net, figures


def score_stories(a):
    net = Llama()
    from_hf(net, load_file(pathlib.Path(a.model) / "model.safetensors"))
    a.out, a.start = a.model, None
    tokenizer, ids = load_tokens(a)
    held_out = ids[int(len(ids) * 0.99):]
    nats = validate(net, held_out, "cpu", None, bf16=False)
    net.eval()
    torch.manual_seed(1)
    print(sample(net, tokenizer, "Once upon a time", "cpu"))
    return net, {"validation_tokens": (len(held_out) - 2) // 512 * 512, "validation_nats_per_token_float32": round(nats, 4),
                 "validation_perplexity": round(math.exp(nats), 2)}


def command(kind, used):
    flags = [f"--{k.replace('_', '-')} {v}" for k, v in used.items() if v not in (None, False) and k != "resume"]
    return f"python {SCRIPTS[kind]} " + " ".join(flags)


def manifest(a, net, figures):
    folder = pathlib.Path(a.model)
    config, run = (json.loads((folder / n).read_text()) for n in ("config.json", "training.json"))
    weights = folder / "model.safetensors"
    shape = {k: config[k] for k in ("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "intermediate_size",
                                    "image_size", "patch_size", "vocab_size", "max_position_embeddings") if k in config}
    seen = {"images_seen": run["images_seen"]} if a.kind == "vit" else {"tokens_seen": run["tokens_seen"]}
    return {
        "name": folder.name, "architecture": config["architectures"][0], "shape": shape,
        "parameters": sum(p.numel() for p in net.parameters()), "data": PROVENANCE[a.kind], "seed": run["arguments"]["seed"],
        "command": command(a.kind, run["arguments"]), "minutes": round(run["minutes"], 1), "steps": run["steps"], **seen, **figures,
        "fp32_model_safetensors_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        **({"note": a.note} if a.note else {}),
        "date": datetime.datetime.fromtimestamp(weights.stat().st_mtime, datetime.timezone.utc).date().isoformat(),
    }


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    net, figures = score_vit(a) if a.kind == "vit" else score_stories(a)
    print(json.dumps(figures, indent=1))
    if a.manifest:
        pathlib.Path(a.manifest).write_text(json.dumps(manifest(a, net, figures), indent=2) + "\n")


if __name__ == "__main__":
    main()
