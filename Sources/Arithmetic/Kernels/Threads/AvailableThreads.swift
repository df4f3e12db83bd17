import Glibc

extension WorkerPool {
  /// Threads worth having here: the cores of this process's affinity mask with hyper-thread siblings counted
  /// once, and no more than the control group's CPU quota, rounded down; at least 1.
  package static func availableThreads() -> Int {
    let cores = distinctCores(allowedCPUs())
    let quotas = controlGroups(from: readText("/proc/self/cgroup") ?? "")
      .compactMap { readText("/sys/fs/cgroup\($0)/cpu.max") }
      .compactMap { quota(cpuMax: $0) }
    return max(1, min(cores, quotas.min() ?? cores))
  }

  /// The CPUs that this process may use.
  static func allowedCPUs() -> [Int] { allowedCPUs(from: readText("/proc/self/status") ?? "") }

  /// Whole CPUs that the text of a `cpu.max` file allows (`max 100000` or `150000 100000`); nil for no limit.
  static func quota(cpuMax text: String) -> Int? {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let time = Int(words[0]), let period = Int(words[1]), period > 0 else {
      return nil
    }
    return time / period
  }

  /// The control group named in `/proc/self/cgroup` and all groups above it, each of which may have a quota.
  static func controlGroups(from text: String) -> [String] {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return [] }
    var path = String(line.dropFirst(3))
    var groups: [String] = []
    while let slash = path.lastIndex(of: "/") {
      groups.append(path == "/" ? "" : path)
      path = String(path[..<slash])
    }
    return groups
  }

  /// How many cores `cpus` belong to; a CPU whose siblings are unknown counts as a core.
  private static func distinctCores(_ cpus: [Int]) -> Int {
    let names = cpus.map { cpu in
      readText("/sys/devices/system/cpu/cpu\(cpu)/topology/thread_siblings_list") ?? "cpu\(cpu)"
    }
    return Set(names).count
  }

  /// The CPUs of a line like `Cpus_allowed_list: 0-3,8` in `/proc/self/status`; CPU 0 where there is none.
  static func allowedCPUs(from status: String) -> [Int] {
    let name = "Cpus_allowed_list:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return [0] }
    return line.dropFirst(name.count).split(separator: ",").flatMap { range -> [Int] in
      let ends = range.split(separator: "-").compactMap { Int($0.filter(\.isNumber)) }
      guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 16 else { return [] }
      return Array(first...last)
    }
  }

  /// A small file of the kernel's; nil where there is none.
  private static func readText(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      let count = read(file, buffer.baseAddress, buffer.count)
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
  }
}
