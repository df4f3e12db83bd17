import Testing

@testable import Settings

@Suite("The memory of the machine")
struct MachineMemoryTests {
  @Test("the tightest limit from the own control group upwards counts")
  func nested() {
    let files = FileSource(holding: [
      "/proc/self/cgroup": "0::/a.slice/b.service\n",
      "/sys/fs/cgroup/a.slice/b.service/memory.max": "max\n",
      "/sys/fs/cgroup/a.slice/memory.max": "4096000\n",
    ])
    #expect(MachineMemory.groupLimit(files) == 4_096_000)
    #expect(MachineMemory(total: 10_000_000, groupLimit: 4_096_000).budget == 3_276_800)
  }

  @Test("without a limit, 80 % of the machine")
  func unlimited() {
    let files = FileSource(holding: ["/proc/self/cgroup": "0::/\n"])
    #expect(MachineMemory.groupLimit(files) == nil)
    #expect(MachineMemory(total: 1000, groupLimit: nil).budget == 800)
  }

  @Test("a limit above the machine changes nothing")
  func loose() {
    #expect(MachineMemory(total: 1000, groupLimit: 5000).budget == 800)
  }

  @Test("this machine has some")
  func real() {
    #expect(MachineMemory.current().budget > 64 << 20)
  }
}
