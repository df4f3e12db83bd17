import Engine
import Glibc
import Registry
import Scheduling

extension Service {
  /// Prometheus text, version 0.0.4. Units are in the names; users do not appear.
  func metricsText() -> String {
    let statistics = engine.snapshot()
    var page = MetricsPage()
    page.gauge(
      "quantd_build_info", 1, [("version", options.version), ("isa", Engine.instructionSet)])
    page.gauge("quantd_uptime_seconds", uptime.inSeconds)
    page.counter("quantd_steps_total", Double(statistics.steps))
    page.counter("quantd_busy_seconds_total", statistics.busy.inSeconds)
    page.gauge("quantd_backlog_requests", Double(statistics.backlogRequests))
    page.gauge("quantd_backlog_tokens", Double(statistics.backlogTokens))
    for model in catalog.loaded { add(model, statistics.models[model.key], to: &page) }
    page.gauge("process_resident_memory_bytes", Double(residentBytes() ?? 0))
    return page.text
  }

  private func add(_ model: LoadedModel, _ counts: EngineStatistics.Model?, to page: inout MetricsPage) {
    let labels = [("model", model.id.model.description), ("version", "\(model.id.number)")]
    page.gauge("quantd_model_memory_bytes", Double(model.memoryBytes), labels)
    guard let counts else { return }
    page.gauge("quantd_queue_depth", Double(counts.queued), labels)
    page.gauge("quantd_running", Double(counts.running), labels)
    if let load = counts.load, load.blocks > 0 {
      page.gauge("quantd_kv_usage_ratio", Double(load.heldBlocks) / Double(load.blocks), labels)
    }
    for (reason, count) in counts.requests.sorted(by: { $0.key < $1.key }) {
      page.counter("quantd_requests_total", Double(count), labels + [("reason", reason)])
    }
    page.counter("quantd_prompt_tokens_total", Double(counts.promptTokens), labels)
    page.counter("quantd_cached_tokens_total", Double(counts.cachedTokens), labels)
    page.counter("quantd_generated_tokens_total", Double(counts.generatedTokens), labels)
    page.counter("quantd_images_total", Double(counts.images), labels)
    page.histogram("quantd_queue_seconds", counts.queue, labels)
    page.histogram("quantd_ttft_seconds", counts.firstToken, labels)
    page.histogram("quantd_itl_seconds", counts.betweenTokens, labels)
    page.histogram("quantd_e2e_seconds", counts.total, labels)
  }

  /// Resident memory from the kernel; nil where it does not say.
  private func residentBytes() -> Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return nil }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
      separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
  }
}

/// Lines of Prometheus text, families together with one type line each.
struct MetricsPage {
  private var families: [(name: String, type: String, lines: [String])] = []

  var text: String {
    families.map { "# TYPE \($0.name) \($0.type)\n" + $0.lines.joined(separator: "\n") }.joined(
      separator: "\n") + "\n"
  }

  mutating func gauge(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
    add(name, "gauge", ["\(name)\(braces(labels)) \(number(value))"])
  }

  mutating func counter(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
    add(name, "counter", ["\(name)\(braces(labels)) \(number(value))"])
  }

  mutating func histogram(_ name: String, _ histogram: Histogram, _ labels: [(String, String)]) {
    var (lines, sum) = ([String](), 0)
    for (bound, count) in zip(Histogram.bounds.map(number) + ["+Inf"], histogram.counts) {
      sum += count
      lines.append("\(name)_bucket\(braces(labels + [("le", bound)])) \(sum)")
    }
    lines.append("\(name)_sum\(braces(labels)) \(number(histogram.sum))")
    lines.append("\(name)_count\(braces(labels)) \(sum)")
    add(name, "histogram", lines)
  }

  private mutating func add(_ name: String, _ type: String, _ lines: [String]) {
    if let index = families.firstIndex(where: { $0.name == name }) {
      families[index].lines += lines
    } else {
      families.append((name, type, lines))
    }
  }

  /// Label values are names, numbers and versions: nothing that needs escaping.
  private func braces(_ labels: [(String, String)]) -> String {
    labels.isEmpty ? "" : "{" + labels.map { "\($0)=\"\($1)\"" }.joined(separator: ",") + "}"
  }

  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }
}
