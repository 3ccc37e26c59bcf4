public import PolicyCore

/// The moments at which a simulated policy runs: `from`, and every so often after it.
public struct TickGrid: Sendable, Equatable {
  /// More are refused: every one of them may cost a plan.
  public static let most: Int64 = 10_000

  public enum Problem: Error, Equatable {
    /// `to` lies before `from`.
    case backwards
    /// The step is no time at all.
    case standing
    /// So many, at the least.
    case tooMany(Int64)
  }

  public let from: Timestamp
  public let to: Timestamp
  public let every: TimeSpan
  /// How many moments lie from `from` to `to`.
  public let count: Int

  public init(from: Timestamp, to: Timestamp, every: TimeSpan) throws(Problem) {
    guard every.nanoseconds > 0 else { throw .standing }
    guard from <= to else { throw .backwards }
    guard let span = to.since(from) else { throw .tooMany(Self.most + 1) }
    let steps = span.nanoseconds / every.nanoseconds
    guard steps < Self.most else { throw .tooMany(steps < .max ? steps + 1 : steps) }
    (self.from, self.to, self.every) = (from, to, every)
    count = Int(steps) + 1
  }

  /// The next moment of the grid, beyond its end too; `nil` where time ends.
  func next(after moment: Timestamp) -> Timestamp? { moment.advanced(by: every) }

  /// The first moment of the grid that is not before this one, beyond its end too.
  func first(notBefore moment: Timestamp) -> Timestamp? {
    guard moment > from else { return from }
    guard let span = moment.since(from) else { return nil }
    let steps = span.nanoseconds / every.nanoseconds + (span.nanoseconds % every.nanoseconds == 0 ? 0 : 1)
    let (wait, overflow) = steps.multipliedReportingOverflow(by: every.nanoseconds)
    return overflow ? nil : from.advanced(by: TimeSpan(nanoseconds: wait))
  }
}
