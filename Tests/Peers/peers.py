"""The other engines: each function runs one case and returns units a second, one figure a repetition.

Run as a program, `peers.py PEER FOLDER CASE-AS-JSON`, it measures one case in a process of its own, so that no engine's
threads, caches or memory meet another's, and prints the figures as JSON.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from cases import Case

SECONDS = 1.5
LEAST_REPETITIONS = 5
# The tokens of a context that llama.cpp reads at a stretch.
PART = 1_024


def onnx_runtime_static(case: Case, folder: Path) -> list[float]:
    from vit_models import ort_int8_path

    return onnx_runtime(case, ort_int8_path(folder, case.shape))


def onnx_runtime_dynamic(case: Case, folder: Path) -> list[float]:
    from vit_models import ort_dynamic_path

    return onnx_runtime(case, ort_dynamic_path(folder, case.shape))


def onnx_runtime(case: Case, model: Path) -> list[float]:
    import onnxruntime

    from vit_models import INPUT

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = case.threads
    options.inter_op_num_threads = 1
    options.add_free_dimension_override_by_name("N", case.batch)
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    images = random_images(case.batch)
    return repeat(lambda: session.run(None, {INPUT: images}), units=case.batch)


def openvino_latency(case: Case, folder: Path) -> list[float]:
    """All threads on one request at a time."""
    import openvino

    request = openvino_model(case, folder, "LATENCY").create_infer_request()
    request.set_input_tensor(openvino.Tensor(random_images(case.batch)))
    return repeat(request.infer, units=case.batch)


def openvino_throughput(case: Case, folder: Path) -> list[float]:
    """As many requests at a time as OpenVINO likes best: what a queue of images gets, never one image alone."""
    import openvino

    queue = openvino.AsyncInferQueue(openvino_model(case, folder, "THROUGHPUT"))
    images, runs = random_images(case.batch), 8

    def step() -> None:
        for _ in range(runs):
            queue.start_async([images])
        queue.wait_all()

    return repeat(step, units=runs * case.batch)


def openvino_model(case: Case, folder: Path, hint: str):
    import openvino

    from vit_models import nncf_int8_path

    core = openvino.Core()
    model = core.read_model(nncf_int8_path(folder, case.shape))
    model.reshape([case.batch, 3, 224, 224])
    return core.compile_model(model, "CPU", {"PERFORMANCE_HINT": hint, "INFERENCE_NUM_THREADS": case.threads})


def llama_cpp(case: Case, folder: Path, cache: str = "F16") -> list[float]:
    """With flash attention, and keys and values of the given type."""
    from llama_models import gguf_path

    run = LlamaCppRun(gguf_path(folder, case.shape, case.recipe), case, cache)
    if case.suite == "prefill":
        return repeat(lambda: run.prefill(case.context), units=case.context)
    run.fill()
    return repeat(run.decode, units=case.batch)


def ik_llama_cpp(case: Case, folder: Path, cache: str = "f16") -> list[float]:
    """Through the fork's own llama-bench, weights repacked as it likes them best."""
    from llama_models import gguf_path

    work = ["-p", case.context, "-n", 0] if case.suite == "prefill" else ["-p", 0, "-n", 0, "-gp", f"{case.context},32"]
    command = [
        os.environ[IK_LLAMA_BENCH], "-m", gguf_path(folder, case.shape, case.recipe), "-t", case.threads, *work,
        "-ctk", cache, "-ctv", cache, "-fa", 1, "-rtr", 1, "-r", LEAST_REPETITIONS, "-o", "json",
    ]  # fmt: skip
    output = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout
    return json.loads(output)[-1]["samples_ts"]


# Names the llama-bench of ik_llama.cpp, a fork tuned for CPUs that no package index has.
IK_LLAMA_BENCH = "IK_LLAMA_BENCH"

PEERS = {
    "onnxruntime int8 static": onnx_runtime_static,
    "onnxruntime int8 dynamic": onnx_runtime_dynamic,
    "openvino int8 latency": openvino_latency,
    "openvino int8 throughput": openvino_throughput,
    "llama.cpp": llama_cpp,
    "llama.cpp q8_0 cache": partial(llama_cpp, cache="Q8_0"),
    "llama.cpp q4_0 cache": partial(llama_cpp, cache="Q4_0"),
    "ik_llama.cpp": ik_llama_cpp,
    "ik_llama.cpp q8_0 cache": partial(ik_llama_cpp, cache="q8_0"),
}


def peers_of(case: Case) -> list[str]:
    """Who can run `case` in a way of its own."""
    if case.suite == "vit":
        names = ["onnxruntime int8 static", "onnxruntime int8 dynamic", "openvino int8 latency"]
        return names + (["openvino int8 throughput"] if case.threads > 1 else [])
    names = ["llama.cpp"]
    # The fork's llama-bench runs one sequence.
    fork = IK_LLAMA_BENCH in os.environ and case.batch == 1
    # A short cache costs nothing, whatever its type.
    if case.suite == "decode" and case.context >= 4_096:
        names += ["llama.cpp q8_0 cache", "llama.cpp q4_0 cache"] + ["ik_llama.cpp q8_0 cache"] * fork
    return names + ["ik_llama.cpp"] * fork


class LlamaCppRun:
    """A context of llama.cpp and the two steps that are measured, through its C interface."""

    def __init__(self, path: Path, case: Case, cache: str):
        import llama_cpp

        self.api, self.case = llama_cpp, case
        llama_cpp.llama_backend_init()
        llama_cpp.llama_log_set(SILENT, None)
        self.model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx = case.batch * (case.context + 64)
        settings.n_batch = settings.n_ubatch = 512
        settings.n_seq_max = max(case.batch, len(self.parts))
        settings.kv_unified = len(self.parts) > 1
        settings.n_threads = settings.n_threads_batch = case.threads
        settings.type_k = settings.type_v = getattr(llama_cpp, f"GGML_TYPE_{cache}")
        settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        self.context = llama_cpp.llama_init_from_model(self.model, settings)
        if not self.context:
            raise RuntimeError(f"llama.cpp could not open {path}")
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.batch = llama_cpp.llama_batch_init(512, 0, 1)

    def prefill(self, count: int) -> None:
        self.api.llama_memory_clear(self.memory, False)
        self.step([(0, position) for position in range(count)], logits_of_last=True)

    def fill(self) -> None:
        """Gives every sequence its context, in chunks of a batch."""
        if len(self.parts) > 1:
            self.fill_in_parts()
            return
        for sequence in range(self.case.batch):
            self.read(sequence, range(self.case.context))

    def fill_in_parts(self) -> None:
        """Gives one sequence a context that would take many minutes to read: with a quantized cache llama.cpp's time
        grows with the square. Each part is read as a sequence that sees only itself, then all become the first one's,
        so the cache is as long and as full, and a decoding token attends to all of it."""
        for sequence, part in enumerate(self.parts):
            self.read(sequence, part)
        for sequence in range(1, len(self.parts)):
            self.api.llama_memory_seq_cp(self.memory, sequence, 0, -1, -1)
            self.api.llama_memory_seq_rm(self.memory, sequence, -1, -1)

    @property
    def parts(self) -> list[range]:
        """The stretches of the context that are read apart: one, but for a single long sequence."""
        length = PART if self.case.batch == 1 else self.case.context
        return [range(start, min(start + length, self.case.context)) for start in range(0, self.case.context, length)]

    def read(self, sequence: int, positions: range) -> None:
        for start in range(0, len(positions), 512):
            self.step([(sequence, position) for position in positions[start : start + 512]], logits_of_last=True)

    def decode(self) -> None:
        """One token for each sequence, which is forgotten again so that the context stays as long as it is."""
        position = self.case.context
        self.step([(sequence, position) for sequence in range(self.case.batch)])
        for sequence in range(self.case.batch):
            self.api.llama_memory_seq_rm(self.memory, sequence, position, -1)

    def step(self, tokens: list[tuple[int, int]], logits_of_last: bool = False) -> None:
        self.batch.n_tokens = len(tokens)
        for index, (sequence, position) in enumerate(tokens):
            self.batch.token[index] = (7_919 * (index + position + 1)) % self.vocabulary
            self.batch.pos[index] = position
            self.batch.n_seq_id[index] = 1
            self.batch.seq_id[index][0] = sequence
            self.batch.logits[index] = not logits_of_last or index == len(tokens) - 1
        status = self.api.llama_decode(self.context, self.batch)
        if status != 0:
            raise RuntimeError(f"llama_decode: status {status} for {len(tokens)} tokens")
        self.api.llama_synchronize(self.context)


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def SILENT(level, text, data):
    pass


def random_images(count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, 3, 224, 224)).astype(np.float32)


def repeat(step, units: int) -> list[float]:
    """Two steps to warm up, then as many as fit the time."""
    step()
    step()
    rates, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(rates) < LEAST_REPETITIONS:
        start = time.perf_counter()
        step()
        rates.append(units / (time.perf_counter() - start))
    return rates


if __name__ == "__main__":
    peer, folder, case = sys.argv[1], Path(sys.argv[2]), Case(**json.loads(sys.argv[3]))
    print(json.dumps(PEERS[peer](case, folder)))
