internal import PolicyCore
internal import PolicyFormats

extension SeededGenerator {
  mutating func decimal() -> ExactDecimal {
    ExactDecimal(pick(["0", "1", "0.8", "-3.25", "1e-45", "12345678901234567890123456789012345678", "7e300"])) ?? .zero
  }

  mutating func constant() -> Constant {
    switch below(6) {
    case 0: .bool(chance(50))
    case 1: .number(decimal())
    case 2: .bytes(Int64(below(1 << 50)))
    case 3: .duration(.hours(Int64(below(1000))))
    case 4: .time(time())
    default: .text(name())
    }
  }

  mutating func factReference() -> FactReference {
    FactReference(pick(["mAP50-95", "state", "last.mAP50", "bytes"]), scope: chance(30) ? .run : .own)
  }

  mutating func operand() -> Operand {
    Operand(factReference(), isAge: chance(20), fallback: maybe { $0.constant() })
  }

  mutating func condition(depth: Int = 3) -> Condition {
    switch below(depth > 0 ? 10 : 7) {
    case 0: .always
    case 1: .compare(operand(), pick(Comparison.allCases), constant())
    case 2: .member(operand(), (0...below(3)).map { _ in constant() })
    case 3: .matches(operand(), Glob(name()))
    case 4: .has(operand(), name())
    case 5: .isMissing(factReference())
    case 6: .flag(operand())
    case 7: .not(condition(depth: depth - 1))
    case 8: .all((0..<below(4)).map { _ in condition(depth: depth - 1) })
    default: .any((0..<below(4)).map { _ in condition(depth: depth - 1) })
    }
  }

  mutating func count() -> Count { pick([.none, .all, .limited(1 + below(100))]) }
  mutating func groupKeys() -> [GroupKey] { (0..<below(3)).map { _ in chance(30) ? .run : .fact(factReference()) } }

  mutating func selector() -> Selector {
    if chance(30) { return .every(1 + below(20), by: factReference()) }
    return .ranked(
      Ranking(
        form: pick([.latest, .oldest, .best]), count: count(), key: factReference(), better: pick([.higher, .lower]),
        missing: pick([.keep, .drop]), ties: pick([.newest, .oldest])))
  }

  mutating func rule(_ id: String) -> Rule {
    Rule(
      id: id, verb: pick(Verb.allCases), kind: pick(EntityKind.allCases), condition: condition(), per: groupKeys(),
      selector: maybe { $0.selector() }, after: maybe { .hours(Int64($0.below(100))) },
      yieldsTo: Set(Relief.allCases.filter { _ in chance(30) }), requiresBackup: chance(20),
      tier: chance(20) ? .archived : .live, target: maybe { $0.word() }, because: maybe { $0.text() },
      allow: chance(20) ? [Allowance(code: "P0330", until: maybe { $0.time() }, because: maybe { $0.text() })] : [],
      sugar: maybe { _ in "thin.keep[0]" })
  }

  mutating func eviction() -> Eviction {
    Eviction(
      condition: condition(depth: 1),
      order: (0...below(3)).map { _ in
        chance(50)
          ? .fact(operand(), ascending: chance(50), missing: maybe { $0.pick([.first, .last]) })
          : .condition(condition(depth: 1), first: chance(50))
      })
  }

  mutating func reliefStep() -> ReliefStep {
    switch below(3) {
    case 0: .purge(minimumAge: maybe { .hours(Int64($0.below(50))) }, oldestFirst: chance(50))
    case 1: .archive(eviction(), minimumAge: maybe { .hours(Int64($0.below(50))) })
    default: .trash(pick(EntityKind.allCases), eviction(), minimumAge: maybe { .hours(Int64($0.below(50))) })
    }
  }

  mutating func policy() -> Policy {
    Policy(
      name: maybe { $0.text() }, roots: (0..<below(3)).map { _ in name() },
      scan: snapshot().scan ?? ScanSettings(), facts: snapshot().declaredFacts ?? [],
      params: chance(50)
        ? [
          Param(name: "recent", value: "3", isInteger: true), Param(name: "wait", value: "24h", isInteger: false),
        ] : [],
      ageOf: pick(AgeBasis.allCases),
      trash: TrashSettings(directory: maybe { $0.name() }, purgeAfter: maybe { _ in .hours(24) }),
      archive: maybe {
        ArchiveSettings(to: $0.word(), format: $0.pick([.gzip, .zstandard]), level: $0.maybe { _ in 3 })
      },
      backup: maybe { BackupSettings(to: $0.word(), bandwidth: $0.maybe { _ in 1_000_000 }) },
      limits: Limits(
        maxTrash: maybe { $0.count() }, maxArchive: maybe { $0.count() },
        maxTrashBytes: maybe { $0.chance(50) ? .bytes(Int64($0.below(1 << 50))) : .share($0.decimal()) },
        maxShare: maybe { $0.decimal() }),
      rules: (0..<below(5)).map { rule("rule-\($0)") } + Policy.implicitRules(),
      quotas: (0..<below(3)).map {
        Quota(
          id: "quota-\($0)", kind: pick(EntityKind.allCases), per: groupKeys(), limit: Int64(below(1 << 50)),
          downTo: decimal(), evict: eviction(), because: maybe { $0.text() })
      },
      pressures: (0..<below(2)).map { number in
        Pressure(
          id: "pressure-\(number)", volume: name(), high: decimal(), low: decimal(),
          relieve: (0..<below(3)).map { _ in reliefStep() })
      },
      properties: (0..<below(3)).map {
        Property(
          id: "never-\($0)", subject: pick(Property.Subject.allCases), kind: pick(EntityKind.allCases),
          condition: condition(), because: maybe { $0.text() })
      })
  }
}
