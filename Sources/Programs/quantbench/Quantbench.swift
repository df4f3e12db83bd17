import Arguments
import Glibc
import Kernels
import Packs
import Vocabulary
import WireProtocol

/// `quantbench`: kernels, models and the whole daemon measured, beside the machine's own limits.
@main
enum Quantbench {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case nil, "--help"?, "-h"?, "help"?: print(help)
    case "--version"?: print("quantbench \(Version.current)")
    default: run(arguments)
    }
  }

  private static func run(_ arguments: [String]) {
    do {
      try InstructionSet.checkEnvironment()
      let bench = try Bench(Options(arguments))
      for suite in bench.options.suites {
        bench.limits.forget()
        try suite.run(bench)
      }
    } catch let error as UsageError {
      fail(.usage, error.text(trying: "quantbench --help"))
    } catch {
      fail(.internal, "\(error)")
    }
  }

  private static func fail(_ status: ExitStatus, _ message: String) -> Never {
    var line = "quantbench: \(message)\n"
    _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(status.rawValue)
  }

  private static var help: String {
    let suites = Suite.all.map { suite in
      "  \(suite.name)\(String(repeating: " ", count: 12 - suite.name.count))\(suite.summary)"
    }
    return """
      quantbench measures kernels, models and the daemon, beside what this machine could do at most.

        quantbench SUITE... [OPTIONS]

      \(suites.joined(separator: "\n"))
        all         everything above

        --case TEXT       only cases whose name contains TEXT
        --threads N       with N threads; otherwise with one, and with one for each core
        --context N       tokens in the cache before a decode step
        --isa NAME|all    kernels written for another instruction set (peak, gemm, gemv, attention)
        --pack X.qpack    a pack of yours instead of synthetic ones (vit, prefill, decode, batch, startup, serve)
        --packs FOLDER    keep synthetic packs there for the next run
        --repetitions N   repetitions of at least 20 ms each, 9 by default; the median counts
        --json            one JSON object a line

      A figure is the median; spread is the slowest minus the fastest repetition, over the median. "of limit" divides
      by what the same machine reached in the same run without the obstacle: int8 and float32 are multiply-adds in
      registers, memory is a stream of 256 MiB, cache reads as many bytes as the case touches. A model that fits a
      cache may exceed the memory limit.
      """
  }
}
