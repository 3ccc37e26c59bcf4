internal import ArgumentParser
internal import PolicyCore
internal import PolicyReport

/// Paths as people type or paste them.
enum TypedPath {
  /// What may be meant, the likeliest first: the path to the letter; or the name that our lists print like this, because
  /// bytes that are not UTF-8 cannot be typed.
  static func readings(_ typed: String) -> [ByteString] {
    let literal = ByteString(typed)
    guard let printed = unescaped(typed), printed != literal, DisplayText.escape(printed) == typed else {
      return [literal]
    }
    return [literal, printed]
  }

  /// `""` is what an unset variable leaves behind, and must not become the working directory.
  static func refuseEmpty(_ paths: [String], of option: String? = nil) throws {
    guard paths.contains("") else { return }
    throw ValidationError(
      option.map { "`\($0)` names nothing: is a variable unset? write `\($0) DIR`" }
        ?? "the path is empty: is a variable unset? write a path such as `runs/alice/exp3`")
  }

  /// Ends the command (9) where a folder to write into is none; nobody makes it but who knows where it belongs.
  static func requireFolder(_ path: String, _ what: String, option: String) throws {
    guard !Folders.isFolder(path) else { return }
    let name = DisplayText.escape(path)
    if Files.isThere(path) {
      Console.complain("\(what) `\(name)`: it is not a folder", help: "name a folder: `\(option) DIR`")
    } else {
      Console.complain(
        "\(what) `\(name)`: there is no such folder",
        help: "make it first, `mkdir -p \(ShellWord.quote(ByteString(path)))`, or name another with `\(option)`")
    }
    throw ExitStatus.environment.code
  }

  /// A name that stays in the folder that it is put into.
  static func requireName(_ name: String, of option: String) throws {
    guard name.isEmpty || name.utf8.contains(UInt8(ascii: "/")) || name == "." || name == ".." else { return }
    throw ValidationError("`\(option)` is a name, without `/`")
  }

  /// The inverse of `DisplayText.escape`; `nil` where that could not have printed it.
  private static func unescaped(_ text: String) -> ByteString? {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "x"):
        guard let value = UInt8(Substring(rest.prefix(2)), radix: 16) else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      case UInt8(ascii: "u"):
        guard rest.popFirst() == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")),
          let value = UInt32(Substring(rest[..<end]), radix: 16), let scalar = Unicode.Scalar(value)
        else { return nil }
        bytes += Array(String(Character(scalar)).utf8)
        rest = rest[rest.index(after: end)...]
      default: return nil
      }
    }
    return ByteString(bytes)
  }
}
