"""Trains a small Llama and its byte-level BPE tokenizer on plain-text stories and writes a Hugging Face directory.

    python train_stories.py --data stories --out stories-7m --work work-stories --minutes 115 [--resume] [--device cuda]

Files hold one paragraph a line, a blank line between paragraphs, two blank lines between stories. The last hundredth of the text is
held out. Muon for the matrices, AdamW for the rest; the learning rate follows elapsed time, so that any budget ends annealed.
"""
import argparse
import pathlib
import shutil
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from common import Clock, Optimizers, save_json, save_state, save_tensors, seed_everything
from llama import Llama, from_hf, hf_config, hf_generation, hf_tokenizer, to_hf

BEGIN, VOCAB = 0, 4096


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--data", required=True, help="directory of .txt files")
    p.add_argument("--out", required=True, help="Hugging Face directory to write")
    p.add_argument("--work", required=True, help="directory for the token ids and the state of the run")
    p.add_argument("--start", help="Hugging Face directory with first weights of the same shape and their tokenizer")
    p.add_argument("--minutes", type=float, default=115)
    p.add_argument("--resume", action="store_true", help="go on from the state in --work")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--batch", type=int, default=8, help="windows of a full context per step")
    p.add_argument("--half", type=float, default=0.6, help="share of the run that uses twice as many windows of half the context")
    p.add_argument("--muon-lr", type=float, default=0.01)
    p.add_argument("--adam-lr", type=float, default=2e-3)
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def train_tokenizer(files, path):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    t.train(files, trainers.BpeTrainer(
        vocab_size=VOCAB, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False))
    t.save(str(path))


def load_tokens(a):
    """The tokenizer, and the ids of all stories, each with the begin token in front."""
    files = [str(f) for f in sorted(pathlib.Path(a.data).glob("*.txt"))]
    path, cache = pathlib.Path(a.out) / "tokenizer.json", pathlib.Path(a.work) / "ids.npy"
    if not path.exists() and a.start:
        shutil.copyfile(pathlib.Path(a.start) / "tokenizer.json", path)
    if not path.exists():
        train_tokenizer(files, path)
    tokenizer = Tokenizer.from_file(str(path))
    if not cache.exists():
        stories = [s.strip() for f in files for s in pathlib.Path(f).read_text().split("\n\n\n") if s.strip()]
        encoded = tokenizer.encode_batch(stories)
        np.save(cache, np.concatenate([np.array([BEGIN] + e.ids, np.uint16) for e in encoded]))
    return tokenizer, torch.from_numpy(np.load(cache).astype(np.int64))


class Windows:
    """Every stretch of the text once per epoch: windows from a random offset, in random order."""

    def __init__(self, ids, context, batch):
        self.ids, self.context, self.batch, self.starts = ids, context, batch, torch.empty(0, dtype=torch.long)

    def next(self):
        if len(self.starts) < self.batch:
            offset = int(torch.randint(self.context, ()))
            starts = torch.arange(offset, len(self.ids) - self.context - 1, self.context)
            self.starts = starts[torch.randperm(len(starts))]
        now, self.starts = self.starts[:self.batch], self.starts[self.batch:]
        return torch.stack([self.ids[i:i + self.context + 1] for i in now.tolist()])


@torch.no_grad()
def validate(net, ids, device, windows, bf16=True):
    """Nats per token over windows of a full context, each token scored once."""
    context, losses = net.shape["context"], []
    net.eval()
    for i in list(range(0, len(ids) - context - 1, context))[:windows]:
        w = ids[i:i + context + 1].to(device)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=bf16):
            logits = net(w[None, :-1])[0]
        losses.append(F.cross_entropy(logits.float(), w[1:]).item())
    net.train()
    return sum(losses) / len(losses)


@torch.no_grad()
def sample(net, tokenizer, prompt, device, tokens=120, temperature=0.8, best=40):
    ids = torch.tensor([[BEGIN] + tokenizer.encode(prompt).ids], device=device)
    for _ in range(tokens):
        logits = net(ids[:, -net.shape["context"]:])[0, -1].float() / temperature
        logits[logits < torch.topk(logits, best).values[-1]] = -torch.inf
        ids = torch.cat([ids, torch.multinomial(logits.softmax(-1), 1)[None]], 1)
    return tokenizer.decode(ids[0, 1:].tolist())


def save(a, net, optimizers, clock, step, seen, loss):
    out, work = pathlib.Path(a.out), pathlib.Path(a.work)
    save_state(work / "state.pt", net=net.state_dict(), optimizers=optimizers.state_dict(), spent=clock.spent, step=step, seen=seen)
    save_tensors(out / "model.safetensors", to_hf(net))
    save_json(out / "config.json", hf_config(net))
    save_json(out / "generation_config.json", hf_generation())
    save_json(out / "tokenizer_config.json", hf_tokenizer())
    record = dict(vars(a), data=pathlib.Path(a.data).name, out=out.name, work=work.name, start=a.start and pathlib.Path(a.start).name)
    save_json(out / "training.json",
              {"validation_nats_per_token": loss, "tokens_seen": seen, "steps": step, "minutes": clock.spent / 60, "arguments": record})


def main():
    a = arguments()
    seed_everything(a.seed)
    torch.set_num_threads(a.threads)
    for d in (a.out, a.work):
        pathlib.Path(d).mkdir(parents=True, exist_ok=True)
    tokenizer, ids = load_tokens(a)
    cut = int(len(ids) * 0.99)
    train, held_out = ids[:cut], ids[cut:]
    net = Llama(vocab=VOCAB).to(a.device)
    if a.start:
        from_hf(net, load_file(pathlib.Path(a.start) / "model.safetensors"))
    optimizers = Optimizers(net, lambda n, p: n.startswith("layers.") and p.dim() == 2, a.muon_lr, a.adam_lr, 0.03, 0.05)
    step, seen, spent = 0, 0, 0.0
    state_file = pathlib.Path(a.work) / "state.pt"
    if a.resume and state_file.exists():
        state = torch.load(state_file, weights_only=True)
        net.load_state_dict(state["net"])
        optimizers.load_state_dict(state["optimizers"])
        step, seen, spent = state["step"], state["seen"], state["spent"]
        torch.manual_seed(a.seed + step)
    first = validate(net, held_out, a.device, 40)
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters, {len(train):,} training tokens, first validation {first:.4f}", flush=True)
    context = net.shape["context"]
    short, long = Windows(train, context // 2, a.batch * 2), Windows(train, context, a.batch)
    clock, report, count = Clock(a.minutes, spent), time.time(), 0
    while clock.fraction < 1:
        w = (short if clock.fraction < a.half else long).next().to(a.device)
        with torch.autocast(a.device, dtype=torch.bfloat16):
            logits = net(w[:, :-1])
        loss = F.cross_entropy(logits.float().flatten(0, 1), w[:, 1:].flatten())
        loss.backward()
        optimizers.step(clock.factor())
        tokens = w[:, 1:].numel()
        step, seen, count = step + 1, seen + tokens, count + tokens
        if time.time() - report > 240 or step == 20:
            score = validate(net, held_out, a.device, 40)
            rate, report, count = count / (time.time() - report), time.time(), 0
            print(f"{clock.spent / 60:6.1f} min  step {step}  loss {loss.item():.3f}  {rate:,.0f} tokens/s  validation {score:.4f}", flush=True)
            save(a, net, optimizers, clock, step, seen, score)
    score = validate(net, held_out, a.device, None)
    save(a, net, optimizers, clock, step, seen, score)
    print(f"done: validation {score:.4f} nats per token over all held-out text, {seen:,} tokens seen")
    print(sample(net, tokenizer, "Once upon a time", a.device))


if __name__ == "__main__":
    main()
