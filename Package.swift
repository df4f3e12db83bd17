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
    // Level 0: module maps over system headers.
    .target(name: "CIntrinsics", path: "Sources/Base/CIntrinsics"),
    .systemLibrary(
      name: "CSQLite", path: "Sources/Base/CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"])]),
    // Levels 1 to 4: shapes, and every kernel's definition and variants.
    module("Base/TensorCore"),
    module("Base/Architectures", ["TensorCore"]),
    module("Base/JSON"),
    module("Base/Arguments"),
    module("Base/Processes"),
    module("Arithmetic/ScalarKernels", settings: [.unsafeFlags(["-O"])]),
    module("Arithmetic/LaneBodies", ["ScalarKernels"]),
    // Of its variants, the folder of this build's processors is compiled.
    module(
      "Arithmetic/Kernels", ["CIntrinsics", "TensorCore", "ScalarKernels"] + instructionSets.map(\.name),
      without: [x86 ? "Variants/None" : "Variants/X86"], settings: [.unsafeFlags(["-O"])]),
    // Level 5: independent rooms.
    module("Formats/Checkpoints", ["TensorCore"]),
    module("Formats/Tokenizers", ["TensorCore"]),
    module("Formats/ImageProcessing", ["TensorCore"]),
    module("Running/KVBlocks"),
    module("Serving/Registry", ["CSQLite"]),
    module("Serving/WireProtocol", ["JSON"]),
    module("Serving/Transport"),
    module("Serving/Settings", ["Arguments"]),
    // Levels 6 and 7: cache, schedule, models.
    module("Running/KVCache", ["TensorCore", "Kernels", "KVBlocks"]),
    module("Running/Scheduling", ["KVBlocks"]),
    module("Running/Models", ["TensorCore", "Kernels", "Checkpoints", "KVCache", "KVBlocks"]),
    module(
      "Formats/Packs", ["TensorCore", "Kernels", "Checkpoints", "Tokenizers", "ImageProcessing", "Models"]),
    // Level 8: offline (qpack alone) and the step loop.
    module(
      "Offline/Importers", ["TensorCore", "JSON", "Checkpoints", "Tokenizers", "ImageProcessing", "Models"]),
    module(
      "Offline/Quantization",
      [
        "TensorCore", "Kernels", "Checkpoints", "Tokenizers", "ImageProcessing", "KVCache", "Models", "Packs",
        "Importers", "WireProtocol",
      ]),
    module(
      "Running/Engine",
      [
        "CIntrinsics", "TensorCore", "Kernels", "Checkpoints", "Tokenizers", "ImageProcessing", "KVBlocks",
        "KVCache", "Scheduling", "Models", "Packs",
      ]),
    // Level 9 and 10: handlers and programs.
    module(
      "Serving/Service",
      [
        "Kernels", "Checkpoints", "Registry", "Scheduling", "Models", "Packs", "Engine", "JSON",
        "WireProtocol",
        "Tokenizers", "ImageProcessing",
      ]),
    program(
      "quantd",
      [
        "Service", "Packs", "Scheduling", "Engine", "Registry", "Transport", "WireProtocol", "Kernels",
        "Settings",
      ]),
    program("qclient", ["Arguments", "JSON", "WireProtocol", "Transport"]),
    program(
      "qpack",
      [
        "Quantization", "Packs", "Importers", "Models", "Checkpoints", "Tokenizers", "ImageProcessing",
        "Kernels", "WireProtocol",
      ]),
    program(
      "quantbench",
      [
        "Arguments", "Processes", "TensorCore", "Kernels", "KVBlocks", "KVCache", "Models", "Packs",
        "Checkpoints",
        "Transport", "WireProtocol", "ImageProcessing",
      ]),
    // Tests mirror Sources.
    .target(
      name: "TestSupport", path: "Tests/TestSupport", swiftSettings: x86 ? [] : [.define("WITHOUT_X86")]),
    .target(name: "RuntimeCounters", path: "Tests/RuntimeCounters"),
    .target(
      name: "ModelFixtures",
      dependencies: ["TestSupport", "Quantization", "Importers", "Packs", "KVBlocks", "KVCache"],
      path: "Tests/ModelFixtures"),
    tests("Base/TensorCore"),
    tests("Base/Architectures", ["TensorCore"]),
    tests("Base/JSON"), tests("Base/Arguments"),
    tests("Arithmetic/Kernels", ["TensorCore", "ScalarKernels"]),
    tests("Formats/Checkpoints", ["TensorCore"]),
    tests("Formats/Tokenizers"), tests("Formats/ImageProcessing"), tests("Running/KVBlocks"),
    tests("Serving/Registry"),
    tests("Serving/WireProtocol", ["JSON"]), tests("Serving/Transport"),
    tests("Running/KVCache", ["Kernels", "KVBlocks"]),
    tests("Running/Scheduling", ["KVBlocks"]),
    tests(
      "Running/Models", ["RuntimeCounters", "Checkpoints", "KVBlocks", "KVCache", "Kernels", "ModelFixtures"]),
    tests("Formats/Packs", ["ModelFixtures"]),
    tests("Offline/Importers"),
    tests("Offline/Quantization", ["ModelFixtures", "qpack"]), tests("Running/Engine", ["ModelFixtures"]),
    tests("Serving/Service", ["JSON", "WireProtocol", "Registry", "Scheduling", "ModelFixtures"]),
    tests("Serving/Settings", ["Arguments"]),
    .testTarget(
      name: "qclientTests", dependencies: ["qclient", "JSON", "WireProtocol", "Transport", "TestSupport"],
      path: "Tests/Programs/qclientTests"),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["TestSupport", "ModelFixtures", "JSON", "Processes", "WireProtocol"]),
  ] + instructionSets,
  swiftLanguageModes: [.v6]
)
