/// How one metric of a run went, brought down to a picture: nothing decides by it.
public struct MetricCurve: Sendable, Equatable {
  /// Points at the most, and the highest level; the lowest is 0.
  public static let mostPoints = 64
  public static let highestLevel: UInt8 = 63

  /// The metric's name in policies.
  public var metric: String
  /// Rows of the metric file that count.
  public var rows: Int
  /// The lowest and the highest value, as they were written.
  public var low: String
  public var high: String
  /// From the first row to the last; `nil` where the rows of a point hold no number.
  public var points: [UInt8?]

  public init(metric: String, rows: Int, low: String, high: String, points: [UInt8?]) {
    self.metric = metric
    self.rows = rows
    self.low = low
    self.high = high
    self.points = points
  }
}
