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

  private static func plain(_ name: String) -> String {
    let text = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "-" })
    return text.isEmpty ? "policy" : text
  }
}
