internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// Takes the lines of a file one by one.
protocol LineReader {
  /// One line, its end left out. `isWhole` is false for a last line that has no end yet.
  mutating func take(_ bytes: [UInt8], _ line: Range<Int>, isWhole: Bool)
  /// A line that is longer than any line of a metric file.
  mutating func takeEnormousLine()
}

/// A text file read line by line, in memory that does not grow with the file.
enum LineFile<Reader: LineReader> {
  case absent
  case content(Reader, FileStatus)
  case defect(CSVTable.Defect, FileStatus)
  case tooLarge(FileStatus)
  /// It changed during both readings.
  case unstable(FileStatus)
  /// The words of the system.
  case failed(String)

  /// Reads `path`, twice where it changed under the first reading; `reader` is what each reading begins with.
  static func read(_ directory: borrowing DirectoryDescriptor, _ path: RelativePath, into reader: Reader) -> LineFile {
    guard let (parent, name) = path.split else { return .absent }
    do throws(SystemError) {
      if parent.names.isEmpty { return try twice(directory, name, reader) }
      return try twice(directory.open(parent), name, reader)
    } catch {
      return error.errno == ENOENT ? .absent : .failed(error.text)
    }
  }

  private static func twice(
    _ directory: borrowing DirectoryDescriptor, _ name: Name, _ reader: Reader
  ) throws(SystemError) -> LineFile {
    let first = try once(directory, name, reader)
    if case .unstable = first { return try once(directory, name, reader) }
    return first
  }

  private static func once(
    _ directory: borrowing DirectoryDescriptor, _ name: Name, _ reader: Reader
  ) throws(SystemError) -> LineFile {
    let file = try directory.openFile(name)
    let before = file.status
    guard before.size <= LineCaps.file else { return .tooLarge(before) }
    var split = LineSplitter(reader)
    var offset: Int64 = 0
    var defect: CSVTable.Defect?
    while defect == nil {
      let chunk = try file.read(at: offset, count: LineCaps.chunk)
      if chunk.isEmpty { break }
      if offset == 0 { defect = LineSplitter<Reader>.defect(atStart: chunk) }
      offset += Int64(chunk.count)
      if offset > LineCaps.file { return .tooLarge(before) }
      if defect == nil { defect = split.take(chunk) }
    }
    if defect == nil { defect = split.finish() }
    let after = try file.currentStatus()
    guard before.size == after.size, before.modified == after.modified, before.changed == after.changed else {
      return .unstable(after)
    }
    if let defect { return .defect(defect, before) }
    return split.lines == 0 ? .defect(.empty, before) : .content(split.reader, before)
  }
}

enum LineCaps {
  /// Longer files are no records of a training.
  static let file: Int64 = 256 << 20
  /// Longer lines are none of a metric file.
  static let line = 1 << 20
  static let chunk = 1 << 18
}

/// Cuts what is read in pieces into lines.
private struct LineSplitter<Reader: LineReader> {
  private(set) var reader: Reader
  /// Lines that held more than blanks.
  private(set) var lines = 0
  private var pending: [UInt8] = []
  private var isSkipping = false
  private var isAtStart = true

  init(_ reader: Reader) { self.reader = reader }

  /// A pointer instead of the file, or a text of 16-bit units.
  static func defect(atStart chunk: [UInt8]) -> CSVTable.Defect? {
    let head = chunk.prefix(1024)
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return .notText }
    if head.starts(with: "version https://git-lfs.github.com/spec/".utf8) { return CSVTable.defect(of: head) }
    return nil
  }

  /// The defect that a line shows, which ends the reading.
  mutating func take(_ chunk: [UInt8]) -> CSVTable.Defect? {
    let scanned = pending.count
    let buffer = pending.isEmpty ? chunk : pending + chunk
    var start = isAtStart && buffer.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    isAtStart = false
    var place = max(scanned, start)
    while let end = buffer[place...].firstIndex(of: UInt8(ascii: "\n")) {
      if isSkipping {
        isSkipping = false
      } else if let defect = take(buffer, start..<end, isWhole: true) {
        return defect
      }
      (start, place) = (end + 1, end + 1)
    }
    if isSkipping { return nil }
    pending = Array(buffer[start...])
    if pending.count > LineCaps.line {
      pending = []
      isSkipping = true
      lines += 1
      reader.takeEnormousLine()
    }
    return nil
  }

  mutating func finish() -> CSVTable.Defect? {
    pending.isEmpty ? nil : take(pending, pending.indices, isWhole: false)
  }

  private mutating func take(_ bytes: [UInt8], _ line: Range<Int>, isWhole: Bool) -> CSVTable.Defect? {
    var end = line.upperBound
    if end > line.lowerBound, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    guard bytes[line.lowerBound..<end].contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { return nil }
    lines += 1
    // Lines of `=` alone also adorn logs; these two do not.
    let opening = bytes[line.lowerBound..<end].prefix(8)
    if opening.elementsEqual("<<<<<<< ".utf8) || opening.elementsEqual(">>>>>>> ".utf8) { return .conflictMarkers }
    if end - line.lowerBound > LineCaps.line {
      reader.takeEnormousLine()
    } else {
      reader.take(bytes, line.lowerBound..<end, isWhole: isWhole)
    }
    return nil
  }
}
