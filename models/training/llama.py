"""A small Llama under the parameter names of Hugging Face (`LlamaForCausalLM`)."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

EPS, THETA = 1e-5, 10000.0


class Norm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return F.rms_norm(x.float(), (x.shape[-1],), self.weight, EPS)


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


def causal_attention(q, k, v, block=128):
    """Softmax attention in blocks of queries, each over the keys it may see: on a CPU twice as fast as the fused form in training."""
    q, parts = q / math.sqrt(q.shape[-1]), []
    for i in range(0, q.shape[2], block):
        now = q[:, :, i:i + block]
        rows = now.shape[2]
        mask = torch.full((rows, i + rows), -torch.inf, dtype=q.dtype, device=q.device).triu(1 + i)
        score = now @ k[:, :, :i + rows].mT + mask
        parts.append(torch.softmax(score, -1, dtype=score.dtype) @ v[:, :, :i + rows])
    return torch.cat(parts, 2)


class Layer(nn.Module):
    def __init__(self, dim, heads, kv_heads, hidden):
        super().__init__()
        self.head_dim, self.groups = dim // heads, heads // kv_heads
        kv = kv_heads * self.head_dim
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        self.input_layernorm, self.post_attention_layernorm = Norm(dim), Norm(dim)
        self.self_attn = nn.ModuleDict(
            {"q_proj": linear(dim, dim), "k_proj": linear(dim, kv), "v_proj": linear(dim, kv), "o_proj": linear(dim, dim)})
        self.mlp = nn.ModuleDict(
            {"gate_proj": linear(dim, hidden), "up_proj": linear(dim, hidden), "down_proj": linear(hidden, dim)})

    def attention(self, h, cos, sin):
        b, t, d = h.shape
        p = self.self_attn
        q, k, v = (p[n](h).view(b, t, -1, self.head_dim).transpose(1, 2) for n in ("q_proj", "k_proj", "v_proj"))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = k.repeat_interleave(self.groups, 1), v.repeat_interleave(self.groups, 1)
        out = causal_attention(q, k, v)
        return p["o_proj"](out.transpose(1, 2).reshape(b, t, d))

    def forward(self, x, cos, sin):
        x = x + self.attention(self.input_layernorm(x), cos, sin)
        h, p = self.post_attention_layernorm(x), self.mlp
        return x + p["down_proj"](F.silu(p["gate_proj"](h)) * p["up_proj"](h))


class Llama(nn.Module):
    """Tied embeddings; `forward` gives the logits of every position."""

    def __init__(self, vocab=4096, dim=256, layers=8, heads=4, kv_heads=2, hidden=704, context=512):
        super().__init__()
        self.shape = dict(vocab=vocab, dim=dim, layers=layers, heads=heads, kv_heads=kv_heads, hidden=hidden, context=context)
        self.embed_tokens = nn.Embedding(vocab, dim)
        self.layers = nn.ModuleList(Layer(dim, heads, kv_heads, hidden) for _ in range(layers))
        self.norm = Norm(dim)
        for name, w in self.named_parameters():
            if w.dim() == 2:
                last = "o_proj" in name or "down_proj" in name
                nn.init.normal_(w, std=0.02 / (math.sqrt(2 * layers) if last else 1))
        half = torch.arange(0, dim // heads, 2).float() / (dim // heads)
        angle = torch.outer(torch.arange(context).float(), THETA ** -half)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def forward(self, ids):
        t = ids.shape[1]
        kind = torch.get_autocast_dtype(ids.device.type) if torch.is_autocast_enabled(ids.device.type) else torch.float32
        x, cos, sin = self.embed_tokens(ids), self.cos[:t].to(kind), self.sin[:t].to(kind)
        for layer in self.layers:
            x = layer(x, cos, sin)
        return F.linear(self.norm(x), self.embed_tokens.weight)


def to_hf(net):
    return {"model." + k: v for k, v in net.state_dict().items()}


def from_hf(net, tensors):
    net.load_state_dict({k.removeprefix("model."): v for k, v in tensors.items()})


def hf_config(net):
    s = net.shape
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": s["dim"], "intermediate_size": s["hidden"],
        "num_hidden_layers": s["layers"], "num_attention_heads": s["heads"], "num_key_value_heads": s["kv_heads"],
        "vocab_size": s["vocab"], "max_position_embeddings": s["context"], "rms_norm_eps": EPS, "rope_theta": THETA,
        "hidden_act": "silu", "tie_word_embeddings": True, "bos_token_id": 0, "eos_token_id": 1, "torch_dtype": "float32",
    }


def hf_generation():
    """A story ends where the next one begins, so the begin token ends a text too."""
    return {"bos_token_id": 0, "eos_token_id": [0, 1]}


def hf_tokenizer():
    return {"add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>"}
