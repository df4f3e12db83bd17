"""Writes GGUF/blocks.gguf, blocks of every type that is read, and GGUF/blocks.f32, their values by the package `gguf`.

    python make_gguf_blocks.py        (in a virtual environment with gguf==0.19.0 and numpy==2.4.6)

A tensor has three rows: random blocks with ordinary scales, blocks of extremes (all bits set, all clear, the largest
and the smallest scales, negative ones), and blocks of random bytes, whose scales are whatever comes, infinite and NaN
among it. `blocks.f32` has the float32 values of all tensors, one after another, in the order of the file.
"""

import pathlib

import gguf
import numpy

FOLDER = pathlib.Path(__file__).parent / "GGUF"
SEED = 15
TYPES = ["F32", "F16", "BF16", "F64", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
         "IQ4_NL", "IQ4_XS", "MXFP4"]
COLUMNS = 512
# Where a block has its float16 scales.
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0]}
# Largest, smallest normal, smallest subnormal, negative, zero, negative zero.
EXTREMES = [0x7BFF, 0x0400, 0x0001, 0xC248, 0x0000, 0x8000]


def rows_of(name: str, random: numpy.random.Generator) -> numpy.ndarray:
    """The bytes of the three rows."""
    kind = gguf.GGMLQuantizationType[name]
    values, size = gguf.GGML_QUANT_SIZES[kind]
    count = COLUMNS // values
    rows = random.integers(0, 256, (3, count, size), dtype=numpy.uint8)
    if name in SCALES:
        for block in range(count):
            for place in SCALES[name]:
                half = numpy.float16(random.normal() * 0.05)
                rows[0, block, place:place + 2] = numpy.frombuffer(half.tobytes(), numpy.uint8)
        rows[1, ::2] = 255
        rows[1, 1::2] = 0
        for block in range(count):
            for index, place in enumerate(SCALES[name]):
                half = EXTREMES[(block // 2 + index) % len(EXTREMES)]
                rows[1, block, place:place + 2] = [half & 255, half >> 8]
    elif name == "MXFP4":
        rows[0, :, 0] = random.integers(110, 130, count)
        rows[1, :, 0] = numpy.resize([0, 1, 2, 127, 254, 255], count)
    else:
        element = {"F32": numpy.float32, "F64": numpy.float64, "F16": numpy.float16, "BF16": None}[name]
        ordinary = random.normal(size=COLUMNS)
        if element is None:
            words = (ordinary.astype(numpy.float32).view(numpy.uint32) >> 16).astype(numpy.uint16)
        else:
            words = ordinary.astype(element)
        rows[0] = words.view(numpy.uint8).reshape(count, size)
        rows[1, ::2] = 255
        rows[1, 1::2] = 0
    return rows.reshape(3, count * size)


def values_of(name: str, rows: numpy.ndarray) -> numpy.ndarray:
    if name == "F64":  # The package does not convert it; C does, rounding to nearest.
        with numpy.errstate(all="ignore"):
            return rows.view(numpy.float64).astype(numpy.float32)
    with numpy.errstate(all="ignore"):
        return gguf.dequantize(rows, gguf.GGMLQuantizationType[name])


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    random = numpy.random.default_rng(SEED)
    writer = gguf.GGUFWriter(str(FOLDER / "blocks.gguf"), "blocks")
    expected = []
    for name in TYPES:
        rows = rows_of(name, random)
        writer.add_tensor(name, rows, raw_dtype=gguf.GGMLQuantizationType[name])
        expected.append(values_of(name, rows).astype("<f4").ravel())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (FOLDER / "blocks.f32").write_bytes(numpy.concatenate(expected).tobytes())


if __name__ == "__main__":
    main()
