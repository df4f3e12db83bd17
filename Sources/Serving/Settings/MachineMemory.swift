import Glibc

/// How much memory the machine, or the control group that holds the daemon, has.
package struct MachineMemory: Sendable, Equatable {
  /// Bytes of memory of the machine.
  package let total: Int
  /// The smallest `memory.max` from the daemon's control group upwards; nil without a limit.
  package let groupLimit: Int?

  package init(total: Int, groupLimit: Int?) {
    self.total = total
    self.groupLimit = groupLimit
  }

  /// The meaning of `memory_budget = auto`: 80 % of the memory. The rest is for requests and the page cache.
  package var budget: Int {
    min(groupLimit ?? total, total) / 5 * 4
  }

  /// The machine as it is now.
  ///
  /// `sysconf(3)`, which asks `sysinfo(2)`, instead of `/proc/meminfo`: `ProcSubset=pid` hides that from the
  /// hardened service.
  package static func current(files: FileSource = .system) -> MachineMemory {
    let pages = sysconf(CInt(_SC_PHYS_PAGES))
    let (total, overflow) = pages.multipliedReportingOverflow(by: sysconf(CInt(_SC_PAGESIZE)))
    // Without an answer, 1 GiB is assumed, the smallest useful machine.
    return MachineMemory(total: overflow || total <= 0 ? 1 << 30 : total, groupLimit: groupLimit(files))
  }

  /// Control groups nest and the tightest one counts, so every folder up to the root is asked (cgroup v2).
  static func groupLimit(_ files: FileSource) -> Int? {
    guard let membership = try? files.read("/proc/self/cgroup") else { return nil }
    let unified = membership.split(separator: "\n").first { $0.hasPrefix("0::/") }
    guard let path = unified?.dropFirst(3) else { return nil }
    var folders = path.split(separator: "/").map(String.init)
    var limit: Int?
    while true {
      let file = (["/sys/fs/cgroup"] + folders + ["memory.max"]).joined(separator: "/")
      if let text = try? files.read(file), let bytes = Int(text.prefix { $0 != "\n" }) {
        limit = min(limit ?? bytes, bytes)
      }
      if folders.isEmpty { return limit }
      folders.removeLast()
    }
  }
}
