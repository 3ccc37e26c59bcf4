/// `<length> <crc32> <json>\n`: how a record stands in the file.
///
/// INVARIANT: nothing under a root changes on the word of a record that is not synced. So a broken end of the file that
/// no later record has seen synced can be dropped; any other broken line is damage, and damage stops everything.
enum JournalFraming {
  static func append(_ json: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "\(json.count) \(CRC32.text(of: json)) ".utf8)
    bytes.append(contentsOf: json)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// The JSON of the line that begins at `start`, and where the next one begins; `nil` for anything but a whole line.
  static func unframe(_ bytes: [UInt8], at start: Int) -> (json: ArraySlice<UInt8>, next: Int)? {
    var (place, length, digits) = (start, 0, 0)
    while place < bytes.count, digits < 9, (48...57).contains(bytes[place]) {
      length = length * 10 + Int(bytes[place] - 48)
      (place, digits) = (place + 1, digits + 1)
    }
    let blank = UInt8(ascii: " ")
    guard digits > 0, place + 10 < bytes.count, bytes[place] == blank, bytes[place + 9] == blank else { return nil }
    let json = place + 10
    guard length > 0, json + length < bytes.count, bytes[json + length] == UInt8(ascii: "\n") else { return nil }
    let body = bytes[json..<(json + length)]
    guard bytes[(place + 1)..<(place + 9)].elementsEqual(CRC32.text(of: body).utf8) else { return nil }
    return (body, json + length + 1)
  }
}
