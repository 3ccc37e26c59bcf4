/// The `format` of a file: `policy-plan/1.0`. Readers ignore unknown keys within a known major and refuse an unknown one.
public struct FormatVersion: Sendable, Equatable {
  public let name: String
  public let major: Int
  public let minor: Int

  public static let snapshot = FormatVersion(name: "policy-snapshot", major: 1, minor: 0)
  public static let plan = FormatVersion(name: "policy-plan", major: 1, minor: 0)

  init(name: String, major: Int, minor: Int) {
    self.name = name
    self.major = major
    self.minor = minor
  }

  /// Parses `name/MAJOR.MINOR`; `nil` for any other text.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    let numbers = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard numbers.count == 2, numbers.allSatisfy({ !$0.isEmpty && $0.utf8.count < 6 && $0.utf8.allSatisfy(isDigit) }),
      let major = Int(numbers[0]), let minor = Int(numbers[1])
    else { return nil }
    self.init(name: String(parts[0]), major: major, minor: minor)
  }

  public var text: String { "\(name)/\(major).\(minor)" }

  /// Why a file that says `text` cannot be read as this format; `nil` when it can.
  func refusal(of text: String) -> String? {
    guard let other = FormatVersion(text), other.name == name else { return "this is not a \(name) file" }
    guard other.major == major else {
      return "`\(other.text)` is a format that this version cannot read; it reads \(name)/\(major)"
    }
    return nil
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
