import Glibc
import Vocabulary
import WireProtocol

extension Command {
  /// Hands the file to the daemon by descriptor: it opens no path that a client names.
  func install() throws(ClientFailure) {
    try refuseForeign(invocation.operands[0])
    let file = try InputFile(invocation.operands[0], standardInput: console.input)
    guard file.isRegular else {
      throw .badInput("\(file.name) is not a regular file; a model file must be one")
    }
    let request = InstallRequest(
      name: try name(.name), label: try name(.label), force: invocation.has(.force))
    try change(.install(request), model: nil, descriptors: [file.descriptor.number], past: "installed")
  }

  /// Says how to make a pack of a checkpoint: a folder, or a file in another program's format.
  private func refuseForeign(_ path: String) throws(ClientFailure) {
    var status = stat()
    let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    let endings = [".gguf", ".safetensors", ".bin", ".onnx", ".pt", ".pth"]
    guard isFolder || endings.contains(where: path.lowercased().hasSuffix) else { return }
    let parts = path.split(separator: "/").last.map(String.init) ?? path
    let name =
      endings.first(where: parts.lowercased().hasSuffix).map { String(parts.dropLast($0.count)) } ?? parts
    throw .badInput(
      """
      \(path) is \(isFolder ? "a folder" : "no pack"), and the daemon reads packs alone. Make one of it, then install that: \
      qpack import \(path) -o \(name).qpack && qclient install \(name).qpack
      """)
  }

  func promote() throws(ClientFailure) {
    let model = try invocation.operandModel()
    guard model.selector != .current else {
      throw .usage("promote needs to know which version: \(model.name):VERSION or \(model.name)@LABEL")
    }
    let label = try name(.label) ?? PromoteRequest.defaultLabel
    let request = PromoteRequest(label: label, force: invocation.has(.force))
    try change(.promote(request), model: model, past: "promoted")
  }

  func rollback() throws(ClientFailure) {
    let label = try name(.label) ?? PromoteRequest.defaultLabel
    try change(.rollback(label: label), model: try invocation.operandModel(), past: "rolled back to")
  }

  func unlabel() throws(ClientFailure) {
    let model = try invocation.operandModel()
    guard case .label(let label) = model.selector else {
      throw .usage("unlabel needs to know which label: \(model.name)@LABEL")
    }
    try change(.unlabel(label: label), model: ModelReference(model.name), past: "unlabelled")
  }

  func remove() throws(ClientFailure) {
    let request = RemoveRequest(force: invocation.has(.force))
    try change(.remove(request), model: try invocation.operandModel(), past: "removed")
  }

  /// A change that needs the model alone.
  func change(_ change: Operation.Change, past: String) throws(ClientFailure) {
    try self.change(change, model: try invocation.operandModel(), past: past)
  }

  private func change(
    _ change: Operation.Change, model: ModelReference?, descriptors: [CInt] = [], past: String
  ) throws(ClientFailure) {
    let json = try connect().result(.change(change), model: model, descriptors: descriptors) { news in
      console.progress(news.fraction.map { "\(news.message) \(Format.percent($0))" } ?? news.message)
    }
    if wantsJSON { return try console.line(json.encoded()) }
    let result = try decode(ModelChange.self, json)
    var line = "\(past) \(result.model) (\(result.state))"
    if let label = result.label { line += ", \(label)" }
    if let previous = result.previous, previous != result.model { line += ", before: \(previous)" }
    try console.line(line)
    if let warning = result.warning { console.note("warning: \(warning)") }
  }

  private func name(_ flag: Flag) throws(ClientFailure) -> String? {
    guard let text = invocation.text(flag) else { return nil }
    guard ModelReference.isName(text) else {
      throw .usage("--\(flag.rawValue) must match [a-z0-9][a-z0-9._-]{0,63}, not '\(text)'")
    }
    return text
  }
}
