internal import PolicyCore

/// A phrase in both languages of the page. `chinese` is `nil` where one serves for both.
struct Bilingual: Hashable {
  var english: String
  var chinese: String?

  init(_ english: String, _ chinese: String? = nil) {
    self.english = english
    self.chinese = chinese == english ? nil : chinese
  }

  func text(_ language: PlanReport.Language) -> String { language == .chinese ? chinese ?? english : english }
}

/// Reasons as the page tells them: in English the words of every other report, and the same in Chinese.
struct ReportPhrases {
  private let phrases: Phrases

  init(_ policy: Policy) { phrases = Phrases(policy) }

  // MARK: Clauses

  func reason(_ reason: Reason) -> ReportClause {
    var parts: [Bilingual] = []
    if let usage = reason.usage, let limit = reason.limit {
      let group = reason.group.map { DisplayText.escape($0.value) }.joined(separator: ", ")
      let (used, allowed) = (Quantities.size(usage), Quantities.size(limit))
      parts.append(
        Bilingual(
          "\(group.isEmpty ? "all" : group) at \(used), allowed \(allowed)",
          "\(group.isEmpty ? "全部" : group) 用了 \(used)，允许 \(allowed)"))
    }
    return ReportClause(reason.rule, parts + readings(reason.readings, reason.rule, failing: false))
  }

  /// `nil` for one that tells nothing.
  func nearMiss(_ miss: NearMiss) -> ReportClause? {
    guard Phrases.isTelling(miss) else { return nil }
    if let rank = miss.rank, let size = miss.of {
      let place = standing(rank, size, miss.rule)
      let keeps = miss.keeps ?? 0
      return ReportClause(
        miss.rule,
        [Bilingual("\(place.english) (keeps \(keeps))", "\(place.chinese ?? place.english)（保留 \(keeps) 个）")])
    }
    if !miss.missing.isEmpty {
      let facts = miss.missing.joined(separator: ", ")
      return ReportClause(miss.rule, [Bilingual("no \(facts)", "没有 \(facts)")])
    }
    if let step = phrases.book.step(miss.rule)?.step, let number = miss.readings.first, miss.readings.count == 1 {
      let value = reading(number)
      return ReportClause(
        miss.rule,
        [Bilingual("every \(step): \(value.english)", "每 \(step) 个留一个：\(value.chinese ?? value.english)")])
    }
    return ReportClause(miss.rule, readings(miss.readings, miss.rule, failing: true))
  }

  func holder(_ holder: Held.Holder) -> ReportClause {
    var parts: [Bilingual] = []
    if let rank = holder.rank, let size = holder.of { parts.append(standing(rank, size, holder.rule)) }
    let unknown = holder.unknown.filter { !Phrases.isAge($0, of: holder.unknown) }.joined(separator: ", ")
    if !unknown.isEmpty { parts.append(Bilingual("\(unknown) not known", "\(unknown) 未知")) }
    if let via = holder.via.map({ DisplayText.escape($0) }) {
      parts.append(Bilingual("through \(via)", "因为 \(via)"))
    }
    return ReportClause(holder.rule, parts)
  }

  func question(_ question: Undecided.Question) -> ReportClause {
    ReportClause(question.rule, readings(question.unknown, nil, failing: false))
  }

  /// A run inside another one that goes.
  static func goes(with path: ByteString) -> ReportClause {
    let name = DisplayText.escape(path)
    return ReportClause(nil, [Bilingual("goes with \(name)", "随 \(name) 一起移走")])
  }

  // MARK: Parts

  private func readings(_ readings: [FactReading], _ rule: String?, failing: Bool) -> [Bilingual] {
    Phrases.told(readings).map { reading in
      let english = phrases.phrase(reading, of: rule, failing: failing).replacing("\u{A0}", with: " ")
      var chinese = Self.chinese(reading)
      let bounds = rule.map { phrases.book.bounds(reading, $0, failing: failing) } ?? ""
      if !bounds.isEmpty {
        // No name can hold the blank that ties `after` to its time: it would have been escaped.
        let words = bounds.replacing("after\u{A0}", with: "满 ").replacing("\u{A0}", with: " ")
        chinese += failing ? "（需要 \(words)）" : "（\(words)）"
      }
      return Bilingual(english, chinese)
    }
  }

  private func reading(_ reading: FactReading) -> Bilingual {
    Bilingual(Phrases.reading(reading).replacing("\u{A0}", with: " "), Self.chinese(reading))
  }

  private func standing(_ rank: Int, _ size: Int, _ rule: String) -> Bilingual {
    let key = phrases.book.key(rule).dropFirst(" by ".count)
    return Bilingual(
      phrases.standing(rank, size, rule).replacing("\u{A0}", with: " "),
      (key.isEmpty ? "" : "按 \(key) ") + "排第 \(rank)，共 \(size) 个")
  }

  private static let states = [
    "running": "运行中", "finished": "已结束", "interrupted": "已中断", "failed": "失败", "unknown": "状态未知",
  ]

  private static func chinese(_ reading: FactReading) -> String {
    let value = DisplayText.escape(reading.value)
    switch (reading.fact, reading.value) {
    case ("restored_at", "missing"): return "从未取回"
    case ("archived_at", "missing"): return "从未归档"
    case ("backed_up_at", "missing"), ("age(backed_up_at)", "missing"): return "从未备份"
    case (_, "missing"): return "没有 \(reading.fact)"
    case (_, "unreadable"): return "\(reading.fact) 无法读取"
    case ("tags", ""), ("run.tags", ""): return "没有标签"
    case ("state", _), ("run.state", _): return states[reading.value] ?? value
    case ("age", _): return "已过 \(value)"
    case ("bytes", _), ("run.bytes", _): return Int64(value).map(Quantities.size) ?? value
    case ("in_use", "true"): return "使用中"
    case ("in_use", "false"): return "未使用"
    case ("pinned", "true"): return "已固定"
    case ("pinned", "false"): return "未固定"
    case ("referenced", "true"): return "被引用"
    case ("referenced", "false"): return "未被引用"
    case ("resumable", "true"): return "可以续训"
    case ("resumable", "false"): return "不可续训"
    default: return "\(reading.fact) \(value)"
    }
  }
}
