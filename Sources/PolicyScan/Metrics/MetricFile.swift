internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// A CSV file of a run as far as it can be believed.
struct MetricFile {
  enum Content {
    case absent
    /// It is there and says nothing yet.
    case empty
    case table(CSVTable)
    case unreadable
  }

  /// Longer files are no records of a training.
  static let limit = 64 << 20

  var content: Content
  /// mtime; `nil` where there is no file.
  var modified: Int64?
  var notes: [ScanNote] = []

  var table: CSVTable? { if case .table(let table) = content { table } else { nil } }
  var isUnreadable: Bool { if case .unreadable = content { true } else { false } }
  var isAbsent: Bool { if case .absent = content { true } else { false } }

  private static let none = MetricFile(content: .absent)

  private init(content: Content, modified: Int64? = nil) {
    self.content = content
    self.modified = modified
  }

  /// Reads `path` below a run, twice where it changed under the first reading.
  init(_ directory: borrowing DirectoryDescriptor, _ path: RelativePath) {
    self = .none
    var name: String { EscapedText.of(path.bytes) }
    switch RunFile.read(directory, path, limit: Self.limit) {
    case .absent: return
    case .failed(let words): refuse("unreadable", "\(name) cannot be read: \(words)")
    case .unstable(let status):
      modified = status.modified
      refuse("changed-while-read", "\(name) changed while it was read, twice")
    case .content(let file):
      modified = file.status.modified
      if file.isCut {
        refuse("too-large", "\(name) is larger than \(Self.limit >> 20) MiB")
        return
      }
      switch CSVTable.read(file.bytes) {
      case .success(let table):
        content = .table(table)
        if table.rows.isEmpty { note("header-only", "\(name) holds no complete row yet") }
      case .failure(let error): refuse(error.defect, name)
      }
    }
  }

  private mutating func refuse(_ defect: CSVTable.Defect, _ name: String) {
    note(ScanNote(defect, name))
    content = defect.isEmptiness ? .empty : .unreadable
  }

  private mutating func refuse(_ code: String, _ text: String) {
    content = .unreadable
    note(code, text)
  }

  private mutating func note(_ code: String, _ text: String) { note(ScanNote(code: code, text: text)) }
  private mutating func note(_ note: ScanNote) { notes.append(note) }
}

extension MetricStanding {
  init(_ file: MetricFile) {
    modified = file.modified
    switch file.content {
    case .absent: content = .absent
    case .empty: content = .empty
    case .table: content = .read
    case .unreadable: content = .unreadable
    }
  }
}

extension CSVTable.Defect {
  /// Nothing was written yet, which is no fault.
  var isEmptiness: Bool { self == .empty || self == .headerOnly }
}

extension ScanNote {
  /// Why a file is not believed.
  init(_ defect: CSVTable.Defect, _ name: String) {
    switch defect {
    case .empty, .headerOnly: self.init(code: "empty-file", text: "\(name) is empty")
    case .conflictMarkers: self.init(code: "conflict-markers", text: "\(name) holds conflict markers of a merge")
    case .notText: self.init(code: "not-text", text: "\(name) is not a text file")
    case .lfsPointer(let size):
      let words = size.map { " (\($0) bytes)" } ?? ""
      self.init(code: "lfs-pointer", text: "\(name) is a Git LFS pointer; the file itself\(words) is not here")
    }
  }
}

/// A file of a run, read whole.
enum RunFile {
  case absent
  case content(FileContent)
  /// It changed during both readings.
  case unstable(FileStatus)
  /// The words of the system.
  case failed(String)

  static func read(_ directory: borrowing DirectoryDescriptor, _ path: RelativePath, limit: Int) -> RunFile {
    guard let (parent, name) = path.split else { return .absent }
    do throws(SystemError) {
      if parent.names.isEmpty { return try twice(directory, name, limit) }
      return try twice(directory.open(parent), name, limit)
    } catch {
      return error.errno == ENOENT ? .absent : .failed(error.text)
    }
  }

  private static func twice(
    _ directory: borrowing DirectoryDescriptor, _ name: Name, _ limit: Int
  ) throws(SystemError) -> RunFile {
    let first = try directory.readFile(name, limit: limit)
    if first.isStable { return .content(first) }
    let second = try directory.readFile(name, limit: limit)
    return second.isStable ? .content(second) : .unstable(second.status)
  }
}

/// Names inside notes: nothing in them can move a terminal or end a line.
enum EscapedText {
  static func of(_ bytes: [UInt8]) -> String {
    var text = ""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      case _: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
