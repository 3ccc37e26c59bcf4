public import PolicyCore

/// A policy with one small mistake put into it.
public struct Mutant: Sendable {
  /// `good: mAP50 ?? 0 > 0.8 becomes >=`: names the change, the same for every run.
  public let name: String
  /// Id of the rule, quota, pressure entry or `never` that was changed; `limits` or `trash` for those settings.
  public let id: String
  public let policy: Policy
  /// What a case would need in order to notice.
  public let hint: String
}

/// Makes every mutant of a policy: of each thing that it says, and that a case can see.
public struct Mutator {
  let policy: Policy
  let schema: FactSchema
  private var slots: [Mutant?] = []

  /// All of them: rules, quotas, pressure and `never` in order of ids, then the settings.
  public static func mutants(of policy: Policy) -> [Mutant] { slots(of: policy).compactMap { $0 } }

  /// The same mistakes at the same places whatever the values of params are; `nil` where one changes nothing.
  static func slots(of policy: Policy) -> [Mutant?] {
    var mutator = Mutator(policy)
    for index in policy.rules.indices where !policy.rules[index].isBuiltIn { mutator.mutateRule(index) }
    for index in policy.quotas.indices { mutator.mutateQuota(index) }
    for index in policy.pressures.indices { mutator.mutatePressure(index) }
    for index in policy.properties.indices { mutator.mutateProperty(index) }
    mutator.mutateSettings()
    return mutator.slots
  }

  private init(_ policy: Policy) {
    self.policy = policy
    schema = policy.schema
  }

  mutating func add(_ id: String, _ change: String, _ hint: String, _ edit: (inout Policy) -> Void) {
    var other = policy
    edit(&other)
    guard other != policy else {
      slots.append(nil)
      return
    }
    var name = "\(id): \(change)"
    let twins = slots.count { $0.map { $0.name == name || $0.name.hasPrefix(name + " (") } ?? false }
    if twins > 0 { name += " (\(twins + 1))" }
    slots.append(Mutant(name: name, id: id, policy: other, hint: hint))
  }

  /// A wait that is one nanosecond longer, and one that is a second shorter.
  ///
  /// - Parameter key: `after`, `min_age`, `purge_after`.
  mutating func addWaits(
    _ id: String, _ key: String, _ span: TimeSpan, _ edit: @escaping (inout Policy, TimeSpan) -> Void
  ) {
    let spelled = span.spelled
    add(id, "\(key) \(spelled) becomes more than \(spelled)", "something that is exactly \(spelled) old") {
      if span.nanoseconds < .max { edit(&$0, TimeSpan(nanoseconds: span.nanoseconds + 1)) }
    }
    let shorter = TimeSpan(nanoseconds: max(0, span.nanoseconds - TimeSpan.seconds(1).nanoseconds))
    add(id, "\(key) \(spelled) becomes \(shorter.spelled)", "something that is exactly \(shorter.spelled) old") {
      edit(&$0, shorter)
    }
  }

  /// A ratio that is one percent point more, and one less; neither leaves what a ratio can be.
  mutating func addRatios(
    _ id: String, _ key: String, _ ratio: ExactDecimal, _ hint: String,
    _ edit: @escaping (inout Policy, ExactDecimal) -> Void
  ) {
    for step in ["0.01", "-0.01"] {
      let other = ExactDecimal(step).flatMap { ratio.adding($0) } ?? ratio
      add(id, "\(key) \(ratio.percentage) becomes \(other.percentage)", hint) {
        if other > .zero, other <= ExactDecimal(1) { edit(&$0, other) }
      }
    }
  }
}

extension ExactDecimal {
  /// `80%`
  var percentage: String { (multiplied(by: ExactDecimal(100)) ?? self).description + "%" }
}
