"""What both trainings share: the Muon optimizer, a schedule that follows the clock, and files that are replaced in one step."""
import json
import math
import os
import pathlib
import random
import time

import numpy as np
import torch
from safetensors.torch import save_file


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def orthogonalize(g, steps=5):
    """Newton-Schulz iteration on a stack of matrices [n, rows, columns]: singular values are moved close to one."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        s = x @ x.mT
        x = a * x + (b * s + c * (s @ s)) @ x
    return (x.mT if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalized, for the hidden matrices. Matrices of one shape are handled as one stack."""

    def __init__(self, params, lr=0.02, momentum=0.95, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            by_shape = {}
            for p in group["params"]:
                by_shape.setdefault(p.shape, []).append(p)
            for shape, ps in by_shape.items():
                self._step_stack(group, shape, ps)

    def _step_stack(self, group, shape, ps):
        grads = [p.grad for p in ps]
        for p in ps:
            if "momentum" not in self.state[p]:
                self.state[p]["momentum"] = torch.zeros_like(p)
        buffers = [self.state[p]["momentum"] for p in ps]
        m, lr = group["momentum"], group["lr"]
        torch._foreach_lerp_(buffers, grads, 1 - m)
        look_ahead = torch._foreach_lerp(grads, buffers, m)
        update = orthogonalize(torch.stack(look_ahead))
        torch._foreach_mul_(ps, 1 - lr * group["weight_decay"])
        scale = max(1.0, shape[0] / shape[1]) ** 0.5
        torch._foreach_add_(ps, list(update.unbind(0)), alpha=-lr * scale)


class Optimizers:
    """Muon for the hidden matrices, AdamW for everything else, with one schedule for both."""

    def __init__(self, net, hidden, muon_lr, adam_lr, muon_decay, adam_decay):
        named = list(net.named_parameters())
        matrices = [p for n, p in named if hidden(n, p)]
        plain = [p for n, p in named if not hidden(n, p)]
        groups = [
            {"params": [p for p in plain if p.dim() >= 2], "weight_decay": adam_decay},
            {"params": [p for p in plain if p.dim() < 2], "weight_decay": 0.0},
        ]
        self.params = matrices + plain
        self.all = [
            Muon(matrices, lr=muon_lr, weight_decay=muon_decay),
            torch.optim.AdamW([g for g in groups if g["params"]], lr=adam_lr, betas=(0.9, 0.95), foreach=True),
        ]
        for opt in self.all:
            for g in opt.param_groups:
                g["peak"] = g["lr"]

    def step(self, factor):
        torch.nn.utils.clip_grad_norm_(self.params, 1.0)
        for opt in self.all:
            for g in opt.param_groups:
                g["lr"] = g["peak"] * factor
            opt.step()
            opt.zero_grad(set_to_none=True)

    def state_dict(self):
        return [opt.state_dict() for opt in self.all]

    def load_state_dict(self, states):
        peaks = [[g["peak"] for g in opt.param_groups] for opt in self.all]
        for opt, state, peak in zip(self.all, states, peaks):
            opt.load_state_dict(state)
            for g, value in zip(opt.param_groups, peak):
                g["peak"] = value


class Clock:
    """Counts the minutes of a run, over interruptions, and says how far the schedule is."""

    def __init__(self, minutes, spent=0.0):
        self.budget, self.begin = minutes * 60, time.time() - spent

    @property
    def spent(self):
        return time.time() - self.begin

    @property
    def fraction(self):
        return min(1.0, self.spent / self.budget)

    def factor(self, warmup=0.02):
        """Linear warm-up, then a cosine to zero."""
        f = self.fraction
        if f < warmup:
            return max(f / warmup, 0.01)
        return 0.5 * (1 + math.cos(math.pi * (f - warmup) / (1 - warmup)))


def replace_file(path, write):
    """Writes beside the file, then renames, so that a reader never sees half a file."""
    path = pathlib.Path(path)
    draft = path.with_name(path.name + ".new")
    write(draft)
    os.replace(draft, path)


def save_json(path, value):
    replace_file(path, lambda p: p.write_text(json.dumps(value, indent=1) + "\n"))


def save_tensors(path, tensors):
    plain = {k: v.detach().float().cpu().contiguous() for k, v in tensors.items()}
    replace_file(path, lambda p: save_file(plain, p, metadata={"format": "pt"}))


def save_state(path, **state):
    replace_file(path, lambda p: torch.save(state, p))
