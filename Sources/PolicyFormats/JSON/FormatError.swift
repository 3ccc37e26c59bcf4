/// A JSON text that does not hold what its format wants.
public struct FormatError: Error, Sendable, Equatable {
  public enum Problem: Sendable, Equatable { case missing, wrong }
  /// Where: `actions[3].verb`.
  public var place: String { path.spelled }
  public let problem: Problem
  /// Lower case, no full stop, names the place.
  public let message: String
  let path: JSONPath

  package static func missing(_ path: JSONPath) -> FormatError {
    FormatError(problem: .missing, message: "`\(path.spelled)` is missing", path: path)
  }

  package static func wrong(_ path: JSONPath, _ wanted: String, found: JSONValue? = nil) -> FormatError {
    let found = found.map { ", not \($0.typeName)" } ?? ""
    let place = path.steps.isEmpty ? "this" : "`\(path.spelled)`"
    return FormatError(problem: .wrong, message: "\(place) must be \(wanted)\(found)", path: path)
  }
}
