internal import PolicyCore

/// How a framework weighs its metrics to choose `best.pt`. Fitness is in no file: it is computed here, exactly.
enum FitnessDefinition: Hashable {
  /// 0.1 · mAP50 + 0.9 · mAP50-95: YOLOv5 and Ultralytics up to 8.3.190.
  case weighted
  /// mAP50-95 alone: Ultralytics from 8.3.200.
  case strict

  /// The definition of an Ultralytics version; `nil` where the text is no version, or one of 8.3.191 … 8.3.199, between
  /// which the definition changed.
  init?(version: String) {
    let parts = version.split(separator: ".", omittingEmptySubsequences: false)
      .prefix(3).map { part in Int(part.prefix { $0.isASCII && $0.isNumber }) }
    guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else { return nil }
    if (major, minor, patch) <= (8, 3, 190) {
      self = .weighted
    } else if (major, minor, patch) >= (8, 3, 200) {
      self = .strict
    } else {
      return nil
    }
  }
}

extension MetricSeries {
  private static let oneTenth = ExactDecimal("0.1") ?? .zero
  private static let nineTenths = ExactDecimal("0.9") ?? .zero

  /// Fills the column named `fitness`, where the metrics that it is made of are there: boxes, plus masks or key points;
  /// for classification the mean of top-1 and top-5. A row that lacks one of them has none.
  mutating func computeFitness(_ definition: FitnessDefinition) {
    guard let target = columns.firstIndex(where: { $0.metric.name == "fitness" }), columns[target].isEmpty else {
      return
    }
    let parts = ["", "mask.", "pose."].compactMap { prefix -> (Column, Column)? in
      guard let half = column(prefix + "mAP50"), let whole = column(prefix + "mAP50-95") else { return nil }
      return (half, whole)
    }
    let top = column("accuracy_top1").flatMap { one in column("accuracy_top5").map { (one, $0) } }
    guard !parts.isEmpty || top != nil else { return }
    if definition == .strict, parts.count == 1, let (half, whole) = parts.first {
      if half.holdsNumbersOnly, whole.holdsNumbersOnly {
        columns[target].compute(as: whole)
      } else {
        columns[target].cells = Self.strict(half.cells, whole.cells)
      }
      return
    }
    columns[target].cells = combined(parts.map { ($0.cells, $1.cells) }, top.map { ($0.cells, $1.cells) }, definition)
  }

  /// One term for each of `parts`; without any the mean of `top`.
  private func combined(
    _ parts: [([MetricCell], [MetricCell])], _ top: ([MetricCell], [MetricCell])?, _ definition: FitnessDefinition
  ) -> [MetricCell] {
    epochs.indices.map { row -> MetricCell in
      var sum: ExactDecimal? = .zero
      if parts.isEmpty, let top {
        sum = Self.ratio(top.0[row]).flatMap { one in
          Self.ratio(top.1[row]).flatMap { five in one.adding(five)?.half }
        }
      }
      for (half, whole) in parts {
        let term = Self.term(Self.ratio(half[row]), Self.ratio(whole[row]), definition)
        sum = sum.flatMap { total in term.flatMap { total.adding($0) } }
      }
      guard let sum else { return isSpoiled(row, parts, top) ? .garbage : .undefined }
      return .number(sum, place: .none)
    }
  }

  /// The strict fitness of boxes alone, which nearly all runs have: the second column where the first is there too.
  private static func strict(_ half: [MetricCell], _ whole: [MetricCell]) -> [MetricCell] {
    var result: [MetricCell] = []
    result.reserveCapacity(whole.count)
    for row in whole.indices {
      if case .number(let value, _) = whole[row], case .number = half[row] {
        result.append(.number(value, place: .none))
      } else {
        result.append(whole[row] == .garbage || half[row] == .garbage ? .garbage : .undefined)
      }
    }
    return result
  }

  /// Whether a part that cannot be believed is why a row has no fitness.
  private func isSpoiled(
    _ row: Int, _ parts: [([MetricCell], [MetricCell])], _ top: ([MetricCell], [MetricCell])?
  ) -> Bool {
    let needed = parts.isEmpty ? top.map { [$0.0, $0.1] } ?? [] : parts.flatMap { [$0.0, $0.1] }
    return needed.contains { $0[row] == .garbage || !FactType.ratio.admits($0[row]) }
  }

  /// The number of a cell, where it can be a share of something.
  private static func ratio(_ cell: MetricCell) -> ExactDecimal? { cell.number.flatMap { $0.isRatio ? $0 : nil } }

  private static func term(
    _ half: ExactDecimal?, _ whole: ExactDecimal?, _ definition: FitnessDefinition
  ) -> ExactDecimal? {
    guard let half, let whole else { return nil }
    switch definition {
    case .strict: return whole
    case .weighted:
      return half.multiplied(by: oneTenth).flatMap { small in
        whole.multiplied(by: nineTenths).flatMap { small.adding($0) }
      }
    }
  }

  /// Turns into missing what a training without validation (`val: false`) wrote for want of a figure: rows in which
  /// every validation metric is zero. Returns how many there were.
  mutating func dropPlaceholders() -> Int {
    let judged = columns.filter { column in !column.isEmpty && column.metric.better == .higher }.map(\.cells)
    let placeholders = epochs.indices.filter { row in judged.allSatisfy { $0[row].number == .zero } }
    guard !judged.isEmpty, !placeholders.isEmpty else { return 0 }
    for index in columns.indices where !columns[index].isEmpty && !columns[index].metric.name.hasPrefix("train.") {
      var cells = columns[index].cells
      for row in placeholders { cells[row] = .empty }
      columns[index].cells = cells
    }
    return placeholders.count
  }
}
