/// The packed values of a row, read in the order of its names without making anything of them.
package struct FactCells {
  package enum Cell {
    case missing
    case bool(Bool)
    case integer(Int64)
    /// So many characters, two to a byte from `start`; see `letter`.
    case digits(start: Int, count: Int)
    /// A number or a text as it was written, in `bytes`.
    case number(Range<Int>)
    case text(Range<Int>)
    case set([ByteString])
  }

  private var reader: PackedReader
  private var left: Int

  init(_ reader: PackedReader, count: Int) { (self.reader, left) = (reader, count) }

  /// What ranges and places point into.
  package var bytes: [UInt8] { reader.bytes }

  /// `nil` behind the last name.
  package mutating func next() -> Cell? {
    guard left > 0 else { return nil }
    left -= 1
    let head = reader.byte()
    switch head {
    case PackedCell.none: return .missing
    case PackedCell.no: return .bool(false)
    case PackedCell.yes: return .bool(true)
    case PackedCell.integer: return .integer(reader.signed())
    case PackedCell.number, PackedCell.text:
      let count = Int(reader.unsigned())
      let range = reader.position..<(reader.position + count)
      reader.skip(count)
      return head == PackedCell.text ? .text(range) : .number(range)
    case PackedCell.set:
      let count = Int(reader.unsigned())
      return .set((0..<count).map { _ in ByteString(reader.text()) })
    default:
      let count = Int(head & 0x7F)
      let start = reader.position
      reader.skip((count + 1) / 2)
      return .digits(start: start, count: count)
    }
  }

  /// What half a byte of `digits` stands for.
  @inline(__always)
  package static func letter(_ half: UInt8) -> UInt8 {
    switch half {
    case 0...9: half &+ 48
    case 10: UInt8(ascii: ".")
    case 11: UInt8(ascii: "-")
    case 12: UInt8(ascii: "+")
    case 13: UInt8(ascii: "e")
    case 14: UInt8(ascii: "E")
    // Nobody writes it, and no number has it.
    default: UInt8(ascii: "?")
    }
  }
}
