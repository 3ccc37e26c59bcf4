internal import PolicyCore

/// All facts that may stand in a snapshot, as columns sorted by name, and the shapes that its rows share.
struct FactTable {
  /// A class, because it is looked at for every fact of every line, and a copy would count six references.
  final class Column: Sendable {
    let name: String
    let bytes: [UInt8]
    let type: FactType
    let isOptional: Bool
    let kinds: Set<EntityKind>
    /// Members of an enumeration, made once.
    let words: [ByteString]
    /// The name as a key: with its quotes and colon.
    let key: [UInt8]

    init(_ definition: FactDefinition, _ kinds: Set<EntityKind>) {
      name = definition.name
      bytes = Array(definition.name.utf8)
      type = definition.type
      isOptional = definition.isOptional
      self.kinds = kinds
      if case .enumeration(let members) = definition.type {
        words = members.map { ByteString($0) }
      } else {
        words = []
      }
      key = CanonicalJSON.encode(.string(definition.name)) + [UInt8(ascii: ":")]
    }
  }

  /// Worked out from where an entity stands, never written.
  static let derived: Set<String> = ["name", "path", "host", "root", "layout", "age"]

  let columns: [Column]
  private let index: [[UInt8]: Int]
  /// For each column the one that followed it last time: lines of a file hold their keys in the same order.
  private var successors: [Int]
  private var first = 0
  private var lastShape: (ids: [Int], shape: FactShape)?
  private var shapes: [[Int]: FactShape] = [:]

  /// `declared` adds to `schema` and overrules it.
  init(_ schema: FactSchema, declared: FactSchema? = nil) {
    var definitions: [String: (definition: FactDefinition, kinds: Set<EntityKind>)] = [:]
    for schema in [declared, schema].compactMap({ $0 }) {
      for kind in EntityKind.allCases {
        for definition in schema.facts(of: kind) where !Self.derived.contains(definition.name) {
          definitions[definition.name, default: (definition, [])].kinds.insert(kind)
        }
      }
    }
    columns = definitions.values.map { definition, kinds in Column(definition, kinds) }
      .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    index = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($0.element.bytes, $0.offset) })
    successors = Array(1..<(columns.count + 1))
  }

  /// The column whose key stands right here, colon and all, if it is the one that mostly follows; its key's place.
  func likelyColumn(_ cursor: inout JSONCursor, after previous: Int?) -> (id: Int, key: Range<Int>)? {
    let guess = previous.map { successors[$0] } ?? first
    let start = cursor.index
    guard guess < columns.count, cursor.take(columns[guess].key) else { return nil }
    return (guess, start + 1..<cursor.index - 2)
  }

  /// The column that a key names; `previous` is the column before it in the line.
  mutating func column(_ raw: JSONCursor.RawString, in cursor: JSONCursor, after previous: Int?) -> Int? {
    let guess = previous.map { successors[$0] } ?? first
    if guess < columns.count, cursor.matches(raw, columns[guess].bytes) { return guess }
    guard let found = index[cursor.value(of: raw)] else { return nil }
    if let previous { successors[previous] = found } else { first = found }
    return found
  }

  func column(named name: [UInt8]) -> Int? { index[name] }

  /// The shape with these columns, which ascend.
  mutating func shape(_ ids: [Int]) -> FactShape {
    if let lastShape, lastShape.ids == ids { return lastShape.shape }
    let shape = shapes[ids] ?? FactShape(ids.map { columns[$0].name })
    shapes[ids] = shape
    lastShape = (ids, shape)
    return shape
  }

  /// Names close to one that is unknown, for `did you mean`.
  func nearest(_ name: String, _ kind: EntityKind?) -> String? {
    let names = columns.filter { column in kind.map { column.kinds.contains($0) } ?? true }.map(\.name)
    return EditDistance.nearest(name, among: names)
  }
}
