"""Trains a plain ViT on the CIFAR-10 training images and writes a Hugging Face directory.

    python train_vit.py --data cifar10-train.tar.gz --out cifar10-vit --work work-vit --minutes 115 [--resume] [--device cuda]

A recipe for a small budget: flips and shifted crops, label smoothing, Muon, half of the patches per image for most of the run,
and a learning rate that follows elapsed time, so that any budget ends annealed. 1,000 training images are held out.
The tar holds folders named after the classes with JPEG or PNG files in them.
"""
import argparse
import io
import pathlib
import tarfile
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file

from common import Clock, Optimizers, save_json, save_state, save_tensors, seed_everything
from vit import CLASSES, MEAN, STD, ViT, from_hf, hf_config, hf_preprocessor, to_hf

HELD_OUT = 1000


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--data", required=True, help="tar of class folders")
    p.add_argument("--out", required=True, help="Hugging Face directory to write")
    p.add_argument("--work", required=True, help="directory for decoded images and the state of the run")
    p.add_argument("--start", help="Hugging Face directory with first weights of the same shape")
    p.add_argument("--minutes", type=float, default=115)
    p.add_argument("--resume", action="store_true", help="go on from the state in --work")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--compile", action="store_true", help="use torch.compile")
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--keep", type=float, default=0.5, help="share of the patches seen while patches are dropped")
    p.add_argument("--full", type=float, default=0.8, help="share of the run after which all patches are seen")
    p.add_argument("--muon-lr", type=float, default=0.008)
    p.add_argument("--adam-lr", type=float, default=1e-3)
    p.add_argument("--smoothing", type=float, default=0.1)
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def load_images(tar, work):
    """All images and labels in a fixed random order, decoded once."""
    cache = work / "images.npz"
    if not cache.exists():
        images, labels = [], []
        with tarfile.open(tar) as t:
            for member in t:
                name = next((c for c in member.name.split("/") if c in CLASSES), None)
                if name and member.isfile():
                    image = Image.open(io.BytesIO(t.extractfile(member).read())).convert("RGB")
                    images.append(np.asarray(image))
                    labels.append(CLASSES.index(name))
        order = np.random.RandomState(0).permutation(len(images))
        np.savez(cache, images=np.stack(images)[order], labels=np.array(labels)[order])
    d = np.load(cache)
    return torch.from_numpy(d["images"]).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(d["labels"]).long()


def normalize(x):
    mean, std = (torch.tensor(v, device=x.device).view(3, 1, 1) for v in (MEAN, STD))
    return (x.float() / 255 - mean) / std


def augment(x):
    """Flip and shift by up to four pixels, one choice per image; x is uint8."""
    b, device = len(x), x.device
    x = F.pad(x.float(), (4, 4, 4, 4), mode="reflect")
    rows = torch.randint(0, 9, (b, 1), device=device) + torch.arange(32, device=device)
    columns = torch.randint(0, 9, (b, 1), device=device) + torch.arange(32, device=device)
    flip = torch.rand(b, device=device) < 0.5
    columns[flip] = columns[flip].flip(1)
    image, plane = torch.arange(b, device=device).view(b, 1, 1, 1), torch.arange(3, device=device).view(1, 3, 1, 1)
    return normalize(x[image, plane, rows[:, None, :, None], columns[:, None, None, :]])


class Batches:
    """Every image once per epoch, in a new order each time."""

    def __init__(self, images, labels, batch):
        self.images, self.labels, self.batch, self.order = images, labels, batch, torch.empty(0, dtype=torch.long)

    def next(self):
        if len(self.order) < self.batch:
            self.order = torch.randperm(len(self.images))
        i, self.order = self.order[:self.batch], self.order[self.batch:]
        i = i.to(self.images.device)
        return augment(self.images[i]), self.labels[i]


@torch.no_grad()
def accuracy(net, images, labels):
    """Top-1 in float32."""
    net.eval()
    right = sum((net(normalize(images[i:i + 250])).argmax(1) == labels[i:i + 250]).sum().item() for i in range(0, len(images), 250))
    net.train()
    return right / len(images)


def save(a, net, optimizers, clock, step, seen, top1):
    out, work = pathlib.Path(a.out), pathlib.Path(a.work)
    save_state(work / "state.pt", net=net.state_dict(), optimizers=optimizers.state_dict(), spent=clock.spent, step=step, seen=seen)
    save_tensors(out / "model.safetensors", to_hf(net))
    save_json(out / "config.json", hf_config(net))
    save_json(out / "preprocessor_config.json", hf_preprocessor(net))
    record = dict(vars(a), data=pathlib.Path(a.data).name, out=out.name, work=work.name, start=a.start and pathlib.Path(a.start).name)
    save_json(out / "training.json", {"validation_top1": top1, "images_seen": seen, "steps": step, "minutes": clock.spent / 60, "arguments": record})


def main():
    a = arguments()
    seed_everything(a.seed)
    torch.set_num_threads(a.threads)
    work = pathlib.Path(a.work)
    work.mkdir(parents=True, exist_ok=True)
    pathlib.Path(a.out).mkdir(parents=True, exist_ok=True)
    images, labels = (v.to(a.device) for v in load_images(a.data, work))
    net = ViT().to(a.device)
    if a.start:
        from_hf(net, load_file(pathlib.Path(a.start) / "model.safetensors"))
    optimizers = Optimizers(net, lambda n, p: n.startswith("blocks.") and p.dim() == 2, a.muon_lr, a.adam_lr, 0.03, 0.05)
    step, seen, spent = 0, 0, 0.0
    if a.resume and (work / "state.pt").exists():
        state = torch.load(work / "state.pt", weights_only=True)
        net.load_state_dict(state["net"])
        optimizers.load_state_dict(state["optimizers"])
        step, seen, spent = state["step"], state["seen"], state["spent"]
        torch.manual_seed(a.seed + step)
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters, first top-1 {accuracy(net, images[:HELD_OUT], labels[:HELD_OUT]):.4f}", flush=True)
    batches = Batches(images[HELD_OUT:], labels[HELD_OUT:], a.batch)
    forward = torch.compile(net, dynamic=False) if a.compile else net
    clock, report, count = Clock(a.minutes, spent), time.time(), 0
    patches = net.pos.shape[1] - 1
    while clock.fraction < 1:
        x, y = batches.next()
        keep = None
        if clock.fraction < a.full:
            keep = torch.rand(len(x), patches, device=a.device).argsort(1)[:, :int(patches * a.keep)]
        with torch.autocast(a.device, dtype=torch.bfloat16):
            logits = forward(x, keep)
        loss = F.cross_entropy(logits.float(), y, label_smoothing=a.smoothing)
        loss.backward()
        optimizers.step(clock.factor())
        step, seen, count = step + 1, seen + len(x), count + len(x)
        if time.time() - report > 240 or step == 20:
            top1 = accuracy(net, images[:HELD_OUT], labels[:HELD_OUT])
            rate, report, count = count / (time.time() - report), time.time(), 0
            print(f"{clock.spent / 60:6.1f} min  step {step}  loss {loss.item():.3f}  {rate:.0f} images/s  top-1 {top1:.4f}", flush=True)
            save(a, net, optimizers, clock, step, seen, top1)
    top1 = accuracy(net, images[:HELD_OUT], labels[:HELD_OUT])
    save(a, net, optimizers, clock, step, seen, top1)
    print(f"done: held-out top-1 {top1:.4f}, {seen:,} images, {seen / len(images):.1f} epochs", flush=True)


if __name__ == "__main__":
    main()
