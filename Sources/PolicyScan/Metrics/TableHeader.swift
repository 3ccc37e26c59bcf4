internal import Glibc

/// The names of a table's columns, compared where they stand: texts are made of them only where somebody wants to see
/// them.
struct TableHeader {
  /// Trimmed.
  private let cells: [Range<Int>]
  /// Bytes decide then; other texts may be written in more than one way and are compared as texts.
  private let isASCII: Bool
  /// One a cell: names with other marks are other names.
  private let marks: [UInt64]

  init(_ bytes: [UInt8], _ cells: [Range<Int>]) {
    self.cells = cells
    let text = bytes.span
    var all: UInt8 = 0
    for cell in cells { for index in cell { all |= text[index] } }
    isASCII = all < 128
    marks = unsafe bytes.withUnsafeBytes { bytes in
      cells.map { unsafe Self.mark(UnsafeRawBufferPointer(rebasing: bytes[$0])) }
    }
  }

  var count: Int { cells.count }

  func names(_ bytes: [UInt8]) -> [String] { cells.map { String(decoding: bytes[$0], as: UTF8.self) } }

  /// The only column of that name.
  func column(_ name: String, _ bytes: [UInt8]) -> Int? {
    guard isASCII, !name.isEmpty,
      let place = unsafe name.utf8.withContiguousStorageIfAvailable({ unsafe find($0, bytes) })
    else {
      return findText(name, bytes)
    }
    return place >= 0 ? place : place == Self.none && !name.utf8.allSatisfy { $0 < 128 } ? findText(name, bytes) : nil
  }

  private static var none: Int { -1 }
  private static var several: Int { -2 }

  /// The last eight bytes of a name, or all there are, and how many it has.
  private static func mark(_ name: UnsafeRawBufferPointer) -> UInt64 {
    var tail: UInt64 = 0
    if name.count >= 8 {
      tail = unsafe name.loadUnaligned(fromByteOffset: name.count - 8, as: UInt64.self)
    } else {
      for index in name.indices { tail = unsafe tail << 8 | UInt64(name[index]) }
    }
    return tail ^ UInt64(name.count) << 56
  }

  private func find(_ name: UnsafeBufferPointer<UInt8>, _ bytes: [UInt8]) -> Int {
    unsafe bytes.withUnsafeBytes { bytes in
      guard let base = name.baseAddress, let text = bytes.baseAddress else { return Self.none }
      var place = Self.none
      let mark = unsafe Self.mark(UnsafeRawBufferPointer(name))
      for index in marks.indices where marks[index] == mark {
        guard unsafe cells[index].count == name.count && memcmp(text + cells[index].lowerBound, base, name.count) == 0
        else { continue }
        if place >= 0 { return Self.several }
        place = index
      }
      return place
    }
  }

  private func findText(_ name: String, _ bytes: [UInt8]) -> Int? {
    let names = names(bytes)
    guard let first = names.firstIndex(of: name), names.lastIndex(of: name) == first else { return nil }
    return first
  }
}
