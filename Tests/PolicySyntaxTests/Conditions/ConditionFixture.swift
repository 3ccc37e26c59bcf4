import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import PolicyYAML

/// The surroundings that the conditions of these tests are read in.
enum ConditionFixture {
  /// Where the text begins in the made-up source, so that a value offset is never taken for a source offset.
  static let base = 1000

  static let declared = [
    FactDeclaration(name: "dice", type: .ratio, better: .higher, source: nil),
    FactDeclaration(name: "drift", type: .int, better: nil, source: nil),
    FactDeclaration(name: "reviewed", type: .bool, better: nil, source: nil),
  ]

  static let params: [String: TypedParam] = {
    func param(_ name: String, _ type: FactType, _ constant: Constant) -> (String, TypedParam) {
      (name, TypedParam(name: name, type: type, constant: constant, span: SourceSpan(file: 0, range: 7..<9)))
    }
    return Dictionary(uniqueKeysWithValues: [
      param("recent", .int, .number(ExactDecimal(3))), param("good", .ratio, .number(ExactDecimal(80).percent)),
      param("eighty", .int, .number(ExactDecimal(80))), param("week", .duration, .duration(.days(7))),
      param("quota", .bytes, .bytes(50 << 30)), param("who", .string, .text("alice")),
      param("dead", .string, .text("failed")), param("lost", .string, .text("killed")),
    ])
  }()

  private static let schema = FactSchema(declared: declared)

  static func context(_ kind: EntityKind) -> ConditionContext {
    ConditionContext(
      kind: kind, schema: schema,
      defaultStamp: FactReference(kind == .run ? "finished_at" : "modified_at"), params: params,
      declarationSpans: ["dice": SourceSpan(file: 0, range: 10..<20)])
  }

  static let purge = ConditionContext(kind: .run, schema: .none, defaultStamp: FactReference("trashed_at"))

  static func scalar(
    _ bytes: [UInt8], style: ScalarText.Style = .singleQuoted, comment: Range<Int>? = nil
  ) -> ScalarText {
    ScalarText(
      bytes: bytes, offsets: Array(base...(base + bytes.count)), file: 0, style: style, commentAfter: comment)
  }

  static func scalar(_ text: String, style: ScalarText.Style = .singleQuoted) -> ScalarText {
    scalar(Array(text.utf8), style: style)
  }

  static func nodeCount(_ condition: Condition) -> Int {
    switch condition {
    case .all(let parts), .any(let parts): parts.reduce(1) { $0 + nodeCount($1) }
    case .not(let inner): 1 + nodeCount(inner)
    case .always, .compare, .member, .matches, .has, .isMissing, .flag: 1
    }
  }
}

/// Numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
