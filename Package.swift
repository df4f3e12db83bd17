// swift-tools-version: 6.2
import PackageDescription

/// Kernel targets are optimized in debug builds too: unoptimized intrinsics are thousands of times slower.
let optimized = ["-Ounchecked"]

/// Compiler flags that let imported intrinsics compile, for one module only.
func instructions(_ sets: [String]) -> SwiftSetting {
  #if arch(x86_64)
    .unsafeFlags(optimized + sets.flatMap { ["-Xcc", "-m\($0)"] })
  #else
    .unsafeFlags(optimized)
  #endif
}

let avx2 = ["avx2", "fma", "f16c"]
let avx512 = avx2 + ["avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni", "avx512vbmi"]

/// A module and its tests; imports point to a smaller level, never sideways or up (see CONTRIBUTING.md).
func module(_ name: String, _ imports: [String] = [], settings: [SwiftSetting] = []) -> Target {
  .target(name: name, dependencies: imports.map { .init(stringLiteral: $0) }, swiftSettings: settings)
}

func tests(_ name: String, _ imports: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: ([name, "TestSupport"] + imports).map { .init(stringLiteral: $0) })
}

func program(_ name: String, _ imports: [String]) -> Target {
  .executableTarget(name: name, dependencies: imports.map { .init(stringLiteral: $0) })
}

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
    .target(name: "CIntrinsics"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    // Levels 1 to 4: shapes, and every kernel's definition and variants.
    module("TensorCore"),
    module("ScalarKernels", ["TensorCore"], settings: [.unsafeFlags(["-O"])]),
    module("AVX2Kernels", ["CIntrinsics", "TensorCore", "ScalarKernels"], settings: [instructions(avx2)]),
    module(
      "AVX512Kernels", ["CIntrinsics", "TensorCore", "ScalarKernels"], settings: [instructions(avx512)]),
    module(
      "Kernels", ["CIntrinsics", "TensorCore", "ScalarKernels", "AVX2Kernels", "AVX512Kernels"],
      settings: [.unsafeFlags(["-O"])]),
    // Level 5: independent rooms.
    module("Checkpoints", ["TensorCore"]),
    module("Tokenizers", ["TensorCore"]),
    module("ImageProcessing", ["TensorCore"]),
    module("KVBlocks"),
    module("Registry", ["CSQLite"]),
    module("WireProtocol"),
    module("Transport"),
    module("Settings"),
    // Levels 6 and 7: cache, schedule, models.
    module("KVCache", ["TensorCore", "Kernels", "KVBlocks"]),
    module("Scheduling", ["KVBlocks"]),
    module("Models", ["TensorCore", "Kernels", "Checkpoints", "KVCache", "KVBlocks"]),
    module("Packs", ["TensorCore", "Kernels", "Checkpoints", "Tokenizers", "ImageProcessing", "Models"]),
    // Level 8: offline (qpack alone) and the step loop.
    module("Importers", ["TensorCore", "Checkpoints", "Tokenizers", "ImageProcessing", "Models"]),
    module(
      "Quantization",
      [
        "TensorCore", "Kernels", "Checkpoints", "Tokenizers", "ImageProcessing", "KVCache", "Models", "Packs",
        "Importers", "WireProtocol",
      ]),
    module(
      "Engine",
      [
        "CIntrinsics", "TensorCore", "Kernels", "Checkpoints", "Tokenizers", "ImageProcessing", "KVBlocks",
        "KVCache", "Scheduling", "Models", "Packs",
      ]),
    // Level 9 and 10: handlers and programs.
    module(
      "Service",
      [
        "Kernels", "Checkpoints", "Registry", "Scheduling", "Models", "Packs", "Engine", "WireProtocol",
        "Tokenizers", "ImageProcessing",
      ]),
    program(
      "quantd",
      [
        "Service", "Packs", "Scheduling", "Engine", "Registry", "Transport", "WireProtocol", "Kernels",
        "Settings",
      ]),
    program("qclient", ["WireProtocol", "Transport"]),
    program(
      "qpack",
      [
        "Quantization", "Packs", "Importers", "Models", "Checkpoints", "Tokenizers", "ImageProcessing",
        "Kernels", "WireProtocol",
      ]),
    program(
      "quantbench",
      [
        "TensorCore", "Kernels", "KVBlocks", "KVCache", "Models", "Packs", "Checkpoints", "Transport",
        "WireProtocol", "ImageProcessing",
      ]),
    // Tests mirror Sources.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .target(name: "RuntimeCounters", path: "Tests/RuntimeCounters"),
    .target(
      name: "ModelFixtures", dependencies: ["TestSupport", "Quantization", "Importers", "Packs"],
      path: "Tests/ModelFixtures"),
    tests("TensorCore"),
    tests("Kernels", ["TensorCore", "ScalarKernels"]), tests("Checkpoints", ["TensorCore"]),
    tests("Tokenizers"), tests("ImageProcessing"), tests("KVBlocks"), tests("Registry"),
    tests("WireProtocol"), tests("Transport"), tests("KVCache", ["Kernels", "KVBlocks"]),
    tests("Scheduling", ["KVBlocks"]),
    tests("Models", ["RuntimeCounters", "Checkpoints", "KVBlocks", "KVCache", "Kernels", "ModelFixtures"]),
    tests("Packs", ["ModelFixtures"]),
    tests("Importers"),
    tests("Quantization", ["ModelFixtures", "qpack"]), tests("Engine", ["ModelFixtures"]),
    tests("Service", ["Scheduling", "ModelFixtures"]),
    tests("Settings"),
    .testTarget(name: "qclientTests", dependencies: ["qclient", "WireProtocol", "Transport", "TestSupport"]),
    .testTarget(name: "EndToEndTests", dependencies: ["TestSupport", "WireProtocol"]),
  ],
  swiftLanguageModes: [.v6]
)
