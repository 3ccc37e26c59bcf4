internal import PolicyCore

/// Whose fact it is: every question is about one run, and perhaps one checkpoint in it.
enum Subject: Int, Hashable, Comparable, CaseIterable, Sendable {
  case run, checkpoint

  init(_ kind: EntityKind) { self = kind == .run ? .run : .checkpoint }
  var kind: EntityKind { self == .run ? .run : .checkpoint }
  static func < (left: Subject, right: Subject) -> Bool { left.rawValue < right.rawValue }
}

/// A fact of one of the two subjects.
struct FactKey: Hashable, Comparable, Sendable {
  let subject: Subject
  let name: String

  /// What a reference in a rule about things of `kind` means.
  init(_ reference: FactReference, on kind: EntityKind) {
    subject = kind == .run || reference.scope == .run ? .run : .checkpoint
    name = reference.name
  }

  init(_ subject: Subject, _ name: String) {
    self.subject = subject
    self.name = name
  }

  static func < (left: FactKey, right: FactKey) -> Bool {
    left.subject == right.subject ? left.name < right.name : left.subject < right.subject
  }
}

/// Values of a fact that no condition at hand can tell apart, by an example of them.
enum Region: Hashable, Sendable {
  case known(Constant)
  /// A time stamp; its age and its absolute time are bounded apart, because `now` is free.
  case stamp(age: ClosedRange<Int64>, time: ClosedRange<Int64>)
  case members([ByteString])
  case missing
  case unreadable
  /// Of what is no fact: chosen by a selector, backed up, archived.
  case flag(Bool)

  var isPresent: Bool {
    switch self {
    case .known, .stamp, .members, .flag: true
    case .missing, .unreadable: false
    }
  }
}

/// What a diagram can ask about.
struct Variable: Sendable {
  enum Meaning: Hashable, Sendable {
    case fact(FactKey)
    /// `true`: the checkpoint lies in no run, as only a snapshot written by hand has it.
    case loose
    /// `true`: archived.
    case tier(Subject)
    /// `requires: [backup]` is met.
    case backedUp(Subject)
    /// Chosen by a selector, by its place in `Universe.selections`.
    case selected(Int)
  }
  let meaning: Meaning
  let regions: [Region]
  /// Of a text: its classes, in the order of the regions that have a value.
  var texts: TextClasses?
}
