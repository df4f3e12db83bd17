"""quantbench and other engines on the same shapes, threads and contexts, in rounds, so that a machine whose speed
drifts is slow for everybody.

    python compare.py --quantbench ../../.build/release/quantbench --folder /var/tmp/peers
        [--only TEXT...] [--rounds 3] [--output results.md]

Models of random weights are made in FOLDER where they are missing (12 GB for everything; `--only smollm` needs 1 GB).
Prints a table and writes it, with date, machine and versions, to the output file.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from cases import Case, all_cases
from peers import peers_of

HERE = Path(__file__).parent
US = "quantd"
PACKAGES = ["llama-cpp-python", "onnxruntime", "openvino", "nncf"]


def main() -> None:
    options = parse_arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    cases = [case for case in all_cases(options.threads) if selects(options.only, case)]
    if not cases:
        sys.exit(f"no case contains any of {options.only}")
    rows = []
    for case in cases:
        new = lines(case, measure(case, options))
        print(*new, sep="\n", flush=True)
        rows += new
        options.output.write_text(document(rows, options))


def selects(texts: list[str], case: Case) -> bool:
    return any(text in f"{case.suite} {case.name}" for text in texts)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quantbench", type=Path, default=HERE / "../../.build/release/quantbench")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/quantd-peers"))
    parser.add_argument("--only", nargs="+", default=[""], help="cases whose suite and name contain one of these")
    parser.add_argument("--output", type=Path, default=HERE / "results.md")
    parser.add_argument("--rounds", type=int, default=3)
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, cores}))
    return parser.parse_args()


def measure(case: Case, options: argparse.Namespace) -> dict[str, list[float]]:
    """The rates of everybody who can run `case`: one median a round."""
    rates = {US: []} | {peer: [] for peer in peers_of(case)}
    for _ in range(options.rounds):
        rates[US] += run_quantbench(case, options)
        for peer in peers_of(case):
            rates[peer] += run_peer(peer, case, options)
    return rates


def run_quantbench(case: Case, options: argparse.Namespace) -> list[float]:
    command = [
        options.quantbench, case.suite, "--case", case.name, "--threads", str(case.threads), "--json",
        "--repetitions", "9", "--packs", options.folder,
    ]  # fmt: skip
    if case.suite in ("decode", "batch"):
        command += ["--context", str(case.context)]
    lines = [json.loads(line) for line in run(command).splitlines()]
    return [line["value"] for line in lines if line.get("case") == case.name]


def run_peer(peer: str, case: Case, options: argparse.Namespace) -> list[float]:
    command = [sys.executable, HERE / "peers.py", peer, options.folder, json.dumps(case.arguments())]
    output = run(command)
    return [statistics.median(json.loads(output.splitlines()[-1]))] if output else []


def run(command: list) -> str:
    """Standard output, or nothing where the program failed: one engine that is missing must not end the comparison."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        reason = result.stderr.strip().splitlines()[-1:] or ["no message"]
        print(f"{command[0]} {command[1]}: {reason[0]}", file=sys.stderr)
        return ""
    return result.stdout


def lines(case: Case, rates: dict[str, list[float]]) -> list[str]:
    """A row of the table for each peer."""
    rows = []
    for peer in peers_of(case):
        cells = [f"{case.suite}: {case.name}", case.threads, case.unit, cell(rates[US]), peer, cell(rates[peer])]
        if rates[US] and rates[peer]:
            cells.append(f"{statistics.median(rates[US]) / statistics.median(rates[peer]):.2f}")
        else:
            cells.append("–")
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return rows


def cell(rates: list[float]) -> str:
    if not rates:
        return "–"
    return f"{statistics.median(rates):.4g} [{min(rates):.4g}–{max(rates):.4g}]"


def document(rows: list[str], options: argparse.Namespace) -> str:
    now = datetime.datetime.now(datetime.timezone.utc)
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return "\n".join(
        [
            "# Beside other engines",
            "",
            f"{now:%Y-%m-%d %H:%M} UTC. {machine(options)}",
            "",
            f"{versions}. Random weights in real shapes, median of {options.rounds} rounds [least–most];",
            "the last column is quantd's rate over the peer's. llama.cpp: Q8_0 beside w8a8, Q4_0 beside w4a8, f16 cache unless",
            "said, flash attention. OpenVINO: NNCF int8. ONNX Runtime: U8S8, static (QDQ) and dynamic.",
            "",
            "| case | threads | unit | quantd | peer | its rate | ratio |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def machine(options: argparse.Namespace) -> str:
    first = run([options.quantbench, "peak", "--case", "nothing", "--json"]).splitlines()
    facts = json.loads(first[0]) if first else {}
    return "{cpu}, {cores} cores, {memoryGiB} GiB, Linux {kernel}; commit {commit}.".format_map(
        {key: facts.get(key, "?") for key in ("cpu", "cores", "memoryGiB", "kernel", "commit")}
    )


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    main()
