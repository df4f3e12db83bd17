"""The shapes that quantbench's synthetic packs have (`qpack synth`), for the peers' models of random weights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ViT:
    """224 x 224 pixels in patches of 16, a class token, 1000 classes; blocks are pre-norm with a GELU."""

    width: int
    heads: int
    layers: int = 12
    tokens: int = 197
    classes: int = 1000

    @property
    def hidden(self) -> int:
        return 4 * self.width

    @property
    def head_size(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True)
class Llama:
    """RMSNorm, rotary positions, grouped queries, gated SiLU, embeddings tied to the head."""

    width: int
    layers: int
    heads: int
    kv_heads: int
    hidden: int
    vocabulary: int
    context: int
    rope_theta: float

    @property
    def head_size(self) -> int:
        return self.width // self.heads


VITS = {
    "deit-tiny": ViT(192, 3),
    "deit-small": ViT(384, 6),
    "vit-base": ViT(768, 12),
}

LLAMAS = {
    "stories15m": Llama(288, 6, 6, 6, 768, 32_000, 8_192, 1e4),
    "smollm-135m": Llama(576, 30, 9, 3, 1_536, 49_152, 8_192, 1e5),
    "llama-3.2-1b": Llama(2_048, 16, 32, 8, 8_192, 128_256, 131_072, 5e5),
}
