/// The cyclic redundancy check of zlib and gzip (polynomial 0xEDB88320, reflected): finds accidents, not forgery.
public enum CRC32 {
  /// Eight tables of 256, one after the other: the n-th says what a byte does to the value n bytes later, so that eight
  /// bytes are taken at once.
  private static let table: [UInt32] = {
    var table = (0..<256).map { index -> UInt32 in
      var value = UInt32(index)
      for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
      return value
    }
    for index in 256..<(8 * 256) {
      let before = table[index - 256]
      table.append(table[Int(before & 0xFF)] ^ (before >> 8))
    }
    return table
  }()

  public static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let fast = bytes.withContiguousStorageIfAvailable { bytes in
      unsafe table.withUnsafeBufferPointer { unsafe of(bytes, $0) }
    }
    return fast ?? of(Array(bytes))
  }

  private static func of(_ bytes: UnsafeBufferPointer<UInt8>, _ table: UnsafeBufferPointer<UInt32>) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    var place = 0
    while bytes.count - place >= 8 {
      var next: UInt32 = 0
      for index in 0..<4 {
        let byte = unsafe UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) ^ bytes[place + index]
        unsafe next ^= table[(7 - index) * 256 + Int(byte)]
      }
      for index in 4..<8 { unsafe next ^= table[(7 - index) * 256 + Int(bytes[place + index])] }
      value = next
      place += 8
    }
    while place < bytes.count {
      unsafe value = table[Int((value ^ UInt32(bytes[place])) & 0xFF)] ^ (value >> 8)
      place += 1
    }
    return value ^ 0xFFFF_FFFF
  }

  /// Eight lower-case hexadecimal digits.
  public static func text(of bytes: some Sequence<UInt8>) -> String {
    let digits = String(of(bytes), radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
