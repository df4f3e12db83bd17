"""Writes Vision Transformers of random weights as ONNX, and quantizes them with ONNX Runtime and with NNCF."""

import logging
import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from shapes import VITS, ViT

INPUT = "x"


def onnx_path(folder: Path, shape: str) -> Path:
    path = folder / f"{shape}.onnx"
    if not path.exists():
        onnx.save(Graph(shape, VITS[shape]).model(), path)
    return path


def ort_int8_path(folder: Path, shape: str) -> Path:
    """Static U8S8 in QDQ form, matrix products of attention included."""
    path = folder / f"{shape}.qdq.onnx"
    if path.exists():
        return path
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    logging.disable(logging.WARNING)
    prepared = folder / f"{shape}.prepared.onnx"
    quant_pre_process(str(onnx_path(folder, shape)), str(prepared))
    quantize_static(
        str(prepared),
        str(path),
        _ort_reader(),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gemm", "Conv"],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
    return path


def ort_dynamic_path(folder: Path, shape: str) -> Path:
    """Activations quantized as they come; attention stays in float32."""
    path = folder / f"{shape}.dynamic.onnx"
    if not path.exists():
        from onnxruntime.quantization import QuantType, quantize_dynamic

        logging.disable(logging.WARNING)
        quantize_dynamic(str(onnx_path(folder, shape)), str(path), per_channel=True, weight_type=QuantType.QInt8)
    return path


def nncf_int8_path(folder: Path, shape: str) -> Path:
    """OpenVINO's own int8 form."""
    path = folder / f"{shape}.nncf.xml"
    if path.exists():
        return path
    import nncf
    import openvino

    model = openvino.Core().read_model(onnx_path(folder, shape))
    model.reshape([1, 3, 224, 224])
    quantized = nncf.quantize(
        model, nncf.Dataset(calibration_images()), model_type=nncf.ModelType.TRANSFORMER, subset_size=4
    )
    openvino.save_model(quantized, path, compress_to_fp16=False)
    return path


def calibration_images() -> list[np.ndarray]:
    return [np.random.default_rng(seed).standard_normal((1, 3, 224, 224)).astype(np.float32) for seed in range(4)]


def _ort_reader():
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.images = iter(calibration_images())

        def get_next(self):
            image = next(self.images, None)
            return None if image is None else {INPUT: image}

    return Reader()


class Graph:
    """A ViT, node by node, as exporters write it."""

    def __init__(self, name: str, shape: ViT):
        self.name, self.shape = name, shape
        self.random = np.random.default_rng(0)
        self.nodes, self.constants = [], []

    def model(self) -> onnx.ModelProto:
        logits = self.head(self.blocks(self.embedding()))
        self.nodes[-1].output[0] = logits
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", 3, 224, 224])],
            [helper.make_tensor_value_info(logits, TensorProto.FLOAT, ["N", self.shape.classes])],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model)
        return model

    def embedding(self) -> str:
        width = self.shape.width
        kernel, bias = self.weight(width, 3, 16, 16), self.weight(width)
        patches = self.node("Conv", INPUT, kernel, bias, kernel_shape=[16, 16], strides=[16, 16])
        patches = self.node("Reshape", patches, self.integers(0, width, 196))
        patches = self.node("Transpose", patches, perm=[0, 2, 1])
        batch = self.node("Gather", self.node("Shape", INPUT), self.integers(0), axis=0)
        extent = self.node("Concat", batch, self.integers(1, width), axis=0)
        class_token = self.node("Expand", self.weight(1, 1, width), extent)
        tokens = self.node("Concat", class_token, patches, axis=1)
        return self.node("Add", tokens, self.weight(1, self.shape.tokens, width))

    def blocks(self, stream: str) -> str:
        for _ in range(self.shape.layers):
            stream = self.node("Add", stream, self.attention(self.layer_norm(stream)))
            stream = self.node("Add", stream, self.feed_forward(self.layer_norm(stream)))
        return stream

    def attention(self, tokens: str) -> str:
        width, heads, size = self.shape.width, self.shape.heads, self.shape.head_size
        joined = self.linear(tokens, width, 3 * width)
        joined = self.node("Reshape", joined, self.integers(0, self.shape.tokens, 3, heads, size))
        joined = self.node("Transpose", joined, perm=[2, 0, 3, 1, 4])
        q, k, v = (self.node("Gather", joined, self.scalar(index), axis=0) for index in range(3))
        q = self.node("Mul", q, self.float(size**-0.5))
        scores = self.node("MatMul", q, self.node("Transpose", k, perm=[0, 1, 3, 2]))
        mixed = self.node("MatMul", self.node("Softmax", scores, axis=-1), v)
        mixed = self.node("Transpose", mixed, perm=[0, 2, 1, 3])
        mixed = self.node("Reshape", mixed, self.integers(0, self.shape.tokens, width))
        return self.linear(mixed, width, width)

    def feed_forward(self, tokens: str) -> str:
        hidden = self.linear(tokens, self.shape.width, self.shape.hidden)
        erf = self.node("Erf", self.node("Div", hidden, self.float(math.sqrt(2))))
        gelu = self.node("Mul", hidden, self.node("Add", erf, self.float(1)))
        return self.linear(self.node("Mul", gelu, self.float(0.5)), self.shape.hidden, self.shape.width)

    def head(self, stream: str) -> str:
        first = self.node("Gather", self.layer_norm(stream), self.scalar(0), axis=1)
        weight, bias = self.weight(self.shape.classes, self.shape.width), self.weight(self.shape.classes)
        self.node("Gemm", first, weight, bias, transB=1)
        return "logits"

    def linear(self, tokens: str, inputs: int, outputs: int) -> str:
        product = self.node("MatMul", tokens, self.weight(inputs, outputs))
        return self.node("Add", self.weight(outputs), product)

    def layer_norm(self, tokens: str) -> str:
        width = self.shape.width
        ones, zeros = self.constant(np.ones(width, np.float32)), self.constant(np.zeros(width, np.float32))
        return self.node("LayerNormalization", tokens, ones, zeros, axis=-1, epsilon=1e-6)

    def node(self, operator: str, *inputs: str, **attributes) -> str:
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def weight(self, *extents: int) -> str:
        deviation = 0.02 if len(extents) > 1 else 0.01
        return self.constant((self.random.standard_normal(extents) * deviation).astype(np.float32))

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def scalar(self, value: int) -> str:
        return self.constant(np.int64(value))

    def float(self, value: float) -> str:
        return self.constant(np.float32(value))

    def constant(self, values: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values).reshape(values.shape), name))
        return name
