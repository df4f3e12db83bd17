"""Writes Llamas of random weights as GGUF and quantizes them with llama.cpp."""

from pathlib import Path

import gguf
import numpy as np

from shapes import LLAMAS, Llama

# llama.cpp's formats nearest to quantbench's recipes: 8.5 bits a weight for w8a8, 4.5 for w4a8 (4.25 there).
FORMATS = {"w8a8": "Q8_0", "w4a8": "Q4_0"}


def gguf_path(folder: Path, shape: str, recipe: str) -> Path:
    """The quantized model, made where it is missing."""
    path = folder / f"{shape}-{FORMATS[recipe]}.gguf"
    if not path.exists():
        source = folder / f"{shape}-F16.gguf"
        if not source.exists():
            write_random(source, shape, LLAMAS[shape])
        quantize(source, path, FORMATS[recipe])
    return path


def quantize(source: Path, target: Path, kind: str) -> None:
    import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}")
    parameters.nthread = 2
    status = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), parameters)
    if status != 0:
        raise RuntimeError(f"llama.cpp could not quantize {source} to {kind}: status {status}")


def write_random(path: Path, name: str, shape: Llama) -> None:
    """A GGUF of float16 weights; every norm is 1, every matrix has a deviation of 0.02."""
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(str(path), "llama")
    add_metadata(writer, name, shape)

    def matrix(tensor: str, rows: int, columns: int) -> None:
        values = random.standard_normal((rows, columns), dtype=np.float32) * 0.02
        writer.add_tensor(f"{tensor}.weight", values.astype(np.float16))

    def norm(tensor: str) -> None:
        writer.add_tensor(f"{tensor}.weight", np.ones(shape.width, np.float32))

    matrix("token_embd", shape.vocabulary, shape.width)
    kv_width = shape.kv_heads * shape.head_size
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm")
        norm(f"{block}.ffn_norm")
        matrix(f"{block}.attn_q", shape.width, shape.width)
        matrix(f"{block}.attn_k", kv_width, shape.width)
        matrix(f"{block}.attn_v", kv_width, shape.width)
        matrix(f"{block}.attn_output", shape.width, shape.width)
        matrix(f"{block}.ffn_gate", shape.hidden, shape.width)
        matrix(f"{block}.ffn_up", shape.hidden, shape.width)
        matrix(f"{block}.ffn_down", shape.width, shape.hidden)
    norm("output_norm")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_metadata(writer: gguf.GGUFWriter, name: str, shape: Llama) -> None:
    writer.add_name(name)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(shape.rope_theta)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(1)
    add_tokenizer(writer, shape.vocabulary)


def add_tokenizer(writer: gguf.GGUFWriter, vocabulary: int) -> None:
    """Specials, the 256 bytes, and pieces that no text has: the model is never asked to read."""
    specials = [b"<unk>", b"<s>", b"</s>"] + [f"<0x{byte:02X}>".encode() for byte in range(256)]
    pieces = specials + [f"piece{index}".encode() for index in range(vocabulary - len(specials))]
    normal, unknown, control, byte = 1, 2, 3, 6
    types = [unknown, control, control] + [byte] * 256 + [normal] * (vocabulary - len(specials))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(pieces)
    writer.add_token_scores([-float(index) for index in range(vocabulary)])
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
