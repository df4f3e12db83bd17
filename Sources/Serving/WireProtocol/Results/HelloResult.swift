import JSON

/// Who answers, and what the caller may do.
package struct HelloResult: Sendable, Equatable {
  /// The version of this protocol; it changes when an old client would misread an answer.
  package static let currentProtocol = 1

  /// The program's name: `quantd`.
  package var server: String
  package var version: String
  package var protocolVersion: Int
  /// The kernels in use: `avx512vnni`, `avx2` or `scalar`.
  package var instructionSet: String
  /// What the caller's uid and groups allow: `infer`, `admin`.
  package var rights: [String]
  /// The operations this daemon knows.
  package var operations: [String]

  package init(
    server: String = "quantd", version: String, protocolVersion: Int = currentProtocol,
    instructionSet: String,
    rights: [String], operations: [String] = Operation.Name.allCases.map(\.rawValue)
  ) {
    self.server = server
    self.version = version
    self.protocolVersion = protocolVersion
    self.instructionSet = instructionSet
    self.rights = rights
    self.operations = operations
  }
}

extension HelloResult: JSONRepresentable {
  package var json: JSONValue {
    [
      "server": .string(server), "version": .string(version), "protocol": .integer(protocolVersion),
      "instruction_set": .string(instructionSet), "rights": .strings(rights), "ops": .strings(operations),
    ]
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a hello result")
    server = try fields.string("server", bytes: 0...64) ?? ""
    version = try fields.string("version", bytes: 0...256) ?? ""
    protocolVersion = try fields.required(fields.integer("protocol", in: 1...Int.max), "protocol")
    instructionSet = try fields.string("instruction_set", bytes: 0...64) ?? ""
    rights = try fields.array("rights", count: 0...64)?.compactMap(\.stringValue) ?? []
    operations = try fields.array("ops", count: 0...1000)?.compactMap(\.stringValue) ?? []
  }
}
