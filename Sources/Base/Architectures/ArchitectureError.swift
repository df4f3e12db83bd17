/// A value of a configuration or scheme that no model here can have. The file is at fault.
package struct ArchitectureError: Error, Equatable, CustomStringConvertible {
  /// As configuration files call it.
  package let field: String
  package let found: String
  package let expected: String

  package init(field: String, found: String, expected: String) {
    self.field = field
    self.found = found
    self.expected = expected
  }

  package var description: String {
    "The configuration says \(field) = \(found), but \(expected). Import the model again."
  }
}
