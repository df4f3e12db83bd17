import Arguments
import Glibc
import Kernels
import Packs
import Vocabulary

/// Writes `text` to standard error, so that it does not mix with results.
func standardError(_ text: String) {
  var text = text
  _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// `qpack`: makes packs. It imports, inspects and evaluates models, offline and as the user who runs it.
@main
enum Qpack {
  static func main() {
    do {
      try InstructionSet.checkEnvironment()
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch let error as UsageError {
      fail(64, error.text(trying: "qpack --help"))
    } catch {
      fail(65, "\(error)")
    }
  }

  private static func run(_ arguments: [String]) throws {
    guard let verb = arguments.first else { throw UsageError("no command given") }
    let rest = Array(arguments.dropFirst())
    switch verb {
    case "import":
      // Before any thread starts: each inherits the signals that its maker has blocked.
      Interruption.watch()
      try ImportCommand(ParsedArguments(rest, options: ImportCommand.options)).run()
    case "inspect": try InspectCommand(ParsedArguments(rest, options: InspectCommand.options)).run()
    case "synth": try SynthCommand(ParsedArguments(rest, options: SynthCommand.options)).run()
    case "eval": try EvalCommand(ParsedArguments(rest, options: EvalCommand.options)).run()
    case "--help", "-h", "help": print(help)
    case "--version": print("qpack \(Version.current)")
    default:
      let verbs = ["import", "inspect", "eval", "synth"]
      throw UsageError("unknown command '\(verb)'" + Suggestion.text(for: verb, among: verbs))
    }
  }

  private static func fail(_ status: Int32, _ message: String) -> Never {
    standardError("qpack: \(message)\n")
    exit(status)
  }

  static let help = """
    qpack brings a model to quantd: import → calibrate → quantize → measure → one .qpack file.

      qpack import DIR|FILE -o X.qpack --recipe w8a8|w4a8 [--calibration DATA] [--name N]
                   [--eval DATA] [--attention SCHEME] [--gate E] [--draft-head yes|no]
          Reads a Hugging Face directory (ViTForImageClassification, LlamaForCausalLM, timm's ViT names) or a
          llama2.c .bin. A ViT needs images to calibrate on; a text helps a language model. --eval measures the
          pack beside float32 and stores the figures in it; use data that calibration did not see.
          SCHEME: any of q8|q4, k8|k4, v8|v4 and log2|sqrt2|log64|u8, such as q8k4v4-log2; the default is
          q8k4v4-log64 for language models and q8k8v8-log64 for ViTs.
          --gate: relative attention error above which a layer falls back to 8-bit keys and values (0.15).
          --draft-head: a language model's head in 4 bits as well: all logits come from it, the 64 greatest from 8 bits.
          Without the option, w4a8 models of 8,192 tokens or more have one.
      qpack inspect X.qpack [--json]
          Shows everything in a pack: configuration, scheme, sizes, provenance, quality record.
      qpack eval X.qpack --data D [--reference DIR] [--limit N] [--json]
          Top-1 and agreement on images (CIFAR binary, idx, a folder of class folders with PNM files), or negative
          log-likelihood on a plain text; beside the float32 model where --reference names it.
      qpack eval X.qpack --data D --reference DIR --attention-study [--limit N] [--json]
          Every attention scheme against float32 attention on real activations.
      qpack synth [--arch vit|llama] --shape S --recipe w8a8|w4a8 -o X.qpack [--seed N]
          Random weights in the shape of a real model, to measure speed with: deit-tiny, deit-small, vit-base,
          stories15m, smollm-135m or llama-3.2-1b.

      --threads N   defaults to the cores that this process may use
    """
}
