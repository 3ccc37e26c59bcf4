public import PolicyCore

/// A policy that is to be applied again and again, by somebody else's clock.
public struct Schedule: Sendable {
  public enum Pace: String, Sendable, CaseIterable {
    case hourly, daily, weekly, monthly

    /// `OnCalendar=`: at night, when there is a choice.
    var calendar: String {
      switch self {
      case .hourly: "hourly"
      case .daily: "*-*-* 04:00:00"
      case .weekly: "Mon *-*-* 04:00:00"
      case .monthly: "*-*-01 04:00:00"
      }
    }

    /// The five fields of a crontab; not on the hour, when everybody's start.
    var fields: String {
      switch self {
      case .hourly: "17 * * * *"
      case .daily: "17 4 * * *"
      case .weekly: "17 4 * * 1"
      case .monthly: "17 4 1 * *"
      }
    }
  }

  /// What units and files are called after: letters, digits, `_` and `-`.
  public let name: String
  /// The program and what to call it with, absolute paths all of them.
  public let words: [ByteString]
  public let policy: ByteString
  public let roots: [ByteString]
  public let pace: Pace
  /// It works for one who is not root.
  public var isForUser = false
  /// A unit that systemd starts when this one failed.
  public var onFailure: String?
  /// Whom cron writes to.
  public var mailTo: String?

  public init(name: String, words: [ByteString], policy: ByteString, roots: [ByteString], pace: Pace) {
    (self.name, self.words, self.policy, self.roots, self.pace) = (Self.plain(name), words, policy, roots, pace)
  }

  /// The first line of everything that is written: only such files are ever replaced.
  public static let mark = "# Written by `policy schedule`"

  public var serviceName: String { "policy-\(name).service" }
  public var timerName: String { "policy-\(name).timer" }

  /// Whether units and files can have this name as it is.
  public static func isName(_ name: String) -> Bool { !name.isEmpty && name.allSatisfy(isPlain) }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "_" || character == "-")
  }

  private static func plain(_ name: String) -> String {
    let text = String(name.map { isPlain($0) ? $0 : "-" })
    return text.isEmpty ? "policy" : text
  }
}
