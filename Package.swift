// swift-tools-version: 6.2
import PackageDescription

/// Kernel targets are optimized in debug builds too: unoptimized intrinsics are thousands of times slower.
let optimized = ["-Ounchecked"]

/// Whether the kernels for x86-64 are built; without them every kernel is its scalar definition, as on other processors.
#if arch(x86_64)
  let x86 = Context.environment["QUANTD_WITHOUT_X86"] != "1"
#else
  let x86 = false
#endif

/// Compiler flags that let imported intrinsics compile, for one module only.
func instructions(_ sets: [String]) -> SwiftSetting {
  .unsafeFlags(optimized + sets.flatMap { ["-Xcc", "-m\($0)"] })
}

let avx2 = ["avx2", "fma", "f16c"]
let avx512 = avx2 + ["avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni", "avx512vbmi"]

/// The modules of instruction sets, which only an x86-64 build has.
let instructionSets =
  x86
  ? [
    module(
      "Arithmetic/AVX2Kernels", ["CIntrinsics", "ScalarKernels", "LaneBodies"], settings: [instructions(avx2)]
    ),
    module(
      "Arithmetic/AVX512Kernels", ["CIntrinsics", "ScalarKernels", "LaneBodies"],
      settings: [instructions(avx512)]),
  ] : []

/// The same for what float32 models compute with, and for what `quantbench` measures machines with.
let instructionSetFloats =
  x86
  ? [
    module("Offline/FloatKernelsAVX2", ["CIntrinsics"], settings: [instructions(avx2)]),
    module("Offline/FloatKernelsAVX512", ["CIntrinsics"], settings: [instructions(avx512)]),
  ] : []
let instructionSetPeaks =
  x86
  ? [
    module("Offline/PeakAVX2", ["CIntrinsics"], settings: [instructions(avx2)]),
    module("Offline/PeakAVX512", ["CIntrinsics"], settings: [instructions(avx512)]),
  ] : []

/// A module, named with its floor: the folder is both.
///
/// Floors: Base < Arithmetic | Formats < Running < Serving < Programs; Offline stands beside Serving (CONTRIBUTING.md).
func module(
  _ room: String, _ imports: [String] = [], without folders: [String] = [], settings: [SwiftSetting] = []
) -> Target {
  .target(
    name: name(of: room), dependencies: imports.map { .init(stringLiteral: $0) }, path: "Sources/\(room)",
    exclude: folders, swiftSettings: settings)
}

/// The tests of a module, which lie where the module lies.
func tests(_ room: String, _ imports: [String] = []) -> Target {
  .testTarget(
    name: "\(name(of: room))Tests",
    dependencies: ([name(of: room), "TestSupport"] + imports).map { .init(stringLiteral: $0) },
    path: "Tests/\(room)Tests")
}

func program(_ name: String, _ imports: [String]) -> Target {
  .executableTarget(
    name: name, dependencies: imports.map { .init(stringLiteral: $0) }, path: "Sources/Programs/\(name)")
}

/// `TensorCore` of `Base/TensorCore`.
func name(of room: String) -> String { String(room.split(separator: "/").last ?? "") }

let package = Package(
  name: "quantd",
  products: [
    .executable(name: "quantd", targets: ["quantd"]),
    .executable(name: "qclient", targets: ["qclient"]),
    .executable(name: "qpack", targets: ["qpack"]),
    .executable(name: "quantbench", targets: ["quantbench"]),
  ],
  targets: [
    // Base: what everybody may know.
    .target(name: "CIntrinsics", path: "Sources/Base/CIntrinsics"),
    .systemLibrary(
      name: "CSQLite", path: "Sources/Base/CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"])]),
    module("Base/TensorCore"),
    module("Base/Vocabulary"),
    module("Base/JSON"),
    module("Base/Arguments"),
    module("Base/Processes"),
    module("Base/Architectures", ["TensorCore"]),
    // Arithmetic: every kernel's definition and variants.
    module("Arithmetic/ScalarKernels", settings: [.unsafeFlags(["-O"])]),
    module("Arithmetic/LaneBodies", ["ScalarKernels"]),
    // Of its variants, the folder of this build's processors is compiled.
    module(
      "Arithmetic/Kernels",
      ["CIntrinsics", "TensorCore", "Architectures", "ScalarKernels"] + instructionSets.map(\.name),
      without: [x86 ? "Variants/None" : "Variants/X86"], settings: [.unsafeFlags(["-O"])]),
    // Formats: what lies in files.
    module("Formats/Checkpoints", ["TensorCore"]),
    module("Formats/Tokenizers", ["TensorCore", "Vocabulary"]),
    module("Formats/Templates", ["Vocabulary", "JSON"]),
    module("Formats/ImageProcessing", ["TensorCore"]),
    module(
      "Formats/Packs",
      ["TensorCore", "Vocabulary", "JSON", "Architectures", "Checkpoints", "Tokenizers", "ImageProcessing"]),
    // Running: cache, schedule, models, the step loop.
    module("Running/KVBlocks", ["Vocabulary"]),
    module("Running/KVCache", ["TensorCore", "Architectures", "Kernels", "KVBlocks"]),
    module("Running/Scheduling", ["Vocabulary", "KVBlocks"]),
    module(
      "Running/Models",
      ["TensorCore", "Vocabulary", "Architectures", "Kernels", "Packs", "KVBlocks", "KVCache"]),
    module(
      "Running/Engine",
      [
        "CIntrinsics", "Vocabulary", "Architectures", "Kernels", "Tokenizers", "ImageProcessing", "Packs",
        "KVBlocks", "KVCache", "Scheduling", "Models",
      ]),
    // Serving: everything between a socket and the engine.
    module("Serving/Registry", ["CSQLite", "Vocabulary"]),
    module("Serving/WireProtocol", ["Vocabulary", "JSON"]),
    module("Serving/Transport"),
    module("Serving/Settings", ["Arguments"]),
    module(
      "Serving/Service",
      [
        "Vocabulary", "JSON", "Architectures", "Checkpoints", "Tokenizers", "Templates", "ImageProcessing",
        "Packs", "Scheduling", "Engine", "Registry", "WireProtocol",
      ]),
    // Offline: known to qpack alone.
    module(
      "Offline/Importers",
      [
        "TensorCore", "Vocabulary", "JSON", "Architectures", "Checkpoints", "Tokenizers", "ImageProcessing",
        "Packs",
      ]),
    module(
      "Offline/FloatKernels", ["Kernels", "ScalarKernels"] + instructionSetFloats.map(\.name),
      without: x86 ? [] : ["X86"], settings: [.unsafeFlags(["-O"])]),
    module(
      "Offline/Peak", ["Kernels"] + instructionSetPeaks.map(\.name), without: x86 ? [] : ["X86"],
      settings: [.unsafeFlags(["-O"])]),
    module("Offline/Reference", ["TensorCore", "Architectures", "Kernels", "FloatKernels", "Models"]),
    module(
      "Offline/Quantization",
      [
        "TensorCore", "Vocabulary", "Architectures", "Kernels", "FloatKernels", "Checkpoints", "Tokenizers",
        "ImageProcessing",
        "Packs", "KVBlocks", "KVCache", "Models", "Importers", "Reference",
      ]),
    // Programs.
    program(
      "quantd",
      [
        "Arguments", "Vocabulary", "Kernels", "Packs", "Scheduling", "Engine", "Transport", "WireProtocol",
        "Settings", "Service",
      ]),
    program("qclient", ["Vocabulary", "JSON", "Arguments", "WireProtocol", "Transport"]),
    program(
      "qpack",
      [
        "Arguments", "Vocabulary", "Architectures", "Kernels", "Tokenizers", "ImageProcessing", "Packs",
        "Importers",
        "Reference", "Quantization",
      ]),
    program(
      "quantbench",
      [
        "TensorCore", "Vocabulary", "Arguments", "Processes", "Architectures", "Kernels", "FloatKernels",
        "ImageProcessing",
        "Packs",
        "Peak", "KVBlocks", "KVCache", "Models", "Transport", "WireProtocol",
      ]),
    // Tests mirror Sources.
    .target(
      name: "TestSupport", dependencies: ["Vocabulary"], path: "Tests/TestSupport",
      swiftSettings: x86 ? [] : [.define("WITHOUT_X86")]),
    .target(name: "RuntimeCounters", path: "Tests/RuntimeCounters"),
    .target(
      name: "ModelFixtures",
      dependencies: [
        "TestSupport", "TensorCore", "Vocabulary", "JSON", "Architectures", "Kernels", "Checkpoints",
        "Tokenizers",
        "ImageProcessing",
        "Packs", "KVBlocks", "KVCache", "Models", "Importers", "Quantization",
      ],
      path: "Tests/ModelFixtures"),
    tests("Base/TensorCore"),
    tests("Base/Vocabulary"),
    tests("Base/JSON"),
    tests("Base/Arguments"),
    tests("Base/Architectures", ["TensorCore"]),
    tests("Arithmetic/Kernels", ["TensorCore", "Architectures", "ScalarKernels", "FloatKernels"]),
    tests("Formats/Checkpoints", ["TensorCore"]),
    tests("Formats/Tokenizers", ["TensorCore", "Vocabulary"]),
    tests("Formats/Templates", ["Vocabulary", "JSON"]),
    tests("Formats/ImageProcessing"),
    tests(
      "Formats/Packs",
      [
        "ModelFixtures", "TensorCore", "Vocabulary", "Architectures", "Kernels", "Checkpoints", "Tokenizers",
        "ImageProcessing", "KVBlocks", "KVCache", "Models",
      ]),
    tests("Running/KVBlocks", ["Vocabulary"]),
    tests("Running/KVCache", ["Architectures", "Kernels", "KVBlocks"]),
    tests("Running/Scheduling", ["Vocabulary", "KVBlocks"]),
    tests(
      "Running/Models",
      [
        "RuntimeCounters", "ModelFixtures", "TensorCore", "Vocabulary", "Architectures", "Kernels",
        "Checkpoints",
        "Tokenizers",
        "ImageProcessing", "Packs", "KVBlocks", "KVCache", "Importers", "Quantization", "Reference",
      ]),
    tests(
      "Running/Engine",
      [
        "ModelFixtures", "Vocabulary", "Kernels", "Tokenizers", "ImageProcessing", "Packs", "KVBlocks",
        "KVCache", "Scheduling", "Models",
      ]),
    tests("Serving/Registry"),
    tests("Serving/WireProtocol", ["Vocabulary", "JSON"]),
    tests("Serving/Transport"),
    tests("Serving/Settings", ["Arguments"]),
    tests(
      "Serving/Service",
      [
        "ModelFixtures", "JSON", "Checkpoints", "Packs", "Scheduling", "Engine", "Registry", "WireProtocol",
      ]),
    tests(
      "Offline/Importers",
      [
        "TensorCore", "Vocabulary", "JSON", "Architectures", "Checkpoints", "Tokenizers", "ImageProcessing",
        "Packs",
      ]),
    tests("Offline/FloatKernels", ["Kernels"]),
    tests(
      "Offline/Reference",
      ["ModelFixtures", "TensorCore", "Kernels", "ImageProcessing", "Importers", "Quantization"]),
    tests(
      "Offline/Quantization",
      [
        "qpack", "ModelFixtures", "TensorCore", "Vocabulary", "Architectures", "Kernels", "Checkpoints",
        "Tokenizers",
        "ImageProcessing", "Packs", "KVBlocks", "KVCache", "Models", "Importers", "Reference",
      ]),
    .testTarget(
      name: "qclientTests",
      dependencies: [
        "qclient", "Arguments", "Vocabulary", "JSON", "WireProtocol", "Transport", "TestSupport",
      ],
      path: "Tests/Programs/qclientTests"),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["TestSupport", "ModelFixtures", "JSON", "Processes", "WireProtocol"]),
  ] + instructionSets + instructionSetFloats + instructionSetPeaks,
  swiftLanguageModes: [.v6]
)

extension Package {
  /// Leaves out what the tests in `suites` do not need.
  ///
  /// Checks that take a build of their own and run few suites name these in `QUANTD_SUITES`: `KernelsTests|ModelsTests`.
  func keep(_ suites: [String]) {
    var (open, needed) = (suites, Set<String>())
    while let name = open.popLast() {
      guard needed.insert(name).inserted else { continue }
      guard let target = targets.first(where: { $0.name == name }) else {
        fatalError("QUANTD_SUITES names '\(name)', which is no target")
      }
      for case .byNameItem(let other, _) in target.dependencies { open.append(other) }
    }
    targets.removeAll { !needed.contains($0.name) }
    products = []
  }
}

if let suites = Context.environment["QUANTD_SUITES"] {
  package.keep(suites.split(separator: "|").map(String.init))
}
