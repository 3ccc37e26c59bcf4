internal import PolicyFiles

/// Names of files, as bytes.
enum FileNames {
  /// A number written in 1 to 18 digits and nothing else.
  static func number(_ text: ArraySlice<UInt8>) -> Int64? {
    guard (1...18).contains(text.count), text.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return text.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
  }

  /// A name without its ending; `nil` where it has another one, or nothing before it.
  static func stem(_ name: ArraySlice<UInt8>, ending: String) -> ArraySlice<UInt8>? {
    let count = ending.utf8.count
    guard name.count > count, name.suffix(count).elementsEqual(ending.utf8) else { return nil }
    return name.dropLast(count)
  }

  /// What follows a beginning; `nil` where the name begins otherwise.
  static func rest(_ name: ArraySlice<UInt8>, after beginning: String) -> ArraySlice<UInt8>? {
    name.starts(with: beginning.utf8) ? name.dropFirst(beginning.utf8.count) : nil
  }

  /// The number between a beginning and an ending, such as 12 in `epoch_12.pth`.
  static func number(_ name: ArraySlice<UInt8>, between beginning: String, and ending: String) -> Int64? {
    stem(name, ending: ending).flatMap { rest($0, after: beginning) }.flatMap { number($0) }
  }

  /// The last component of a path, whichever slash it is written with.
  static func last(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let slash = path.lastIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) else {
      return path
    }
    return path[(slash + 1)...]
  }

  static func isTopLevel(_ path: [UInt8]) -> Bool { !path.contains(UInt8(ascii: "/")) && path.first != 46 }
}

extension DirectoryListing {
  func holds(_ name: String) -> Bool { index(of: name) != nil }

  /// Whether something that is not known to be a directory has the name.
  func holdsFile(_ name: String) -> Bool { index(of: name).map { typeHint($0) != .directory } ?? false }

  /// The places of the names that begin so, by binary search.
  func range(beginning: String) -> Range<Int> {
    let first = Array(beginning.utf8)
    let start = lowerBound { $0.lexicographicallyPrecedes(first) }
    let end = lowerBound { $0.lexicographicallyPrecedes(first) || $0.starts(with: first) }
    return start..<end
  }

  /// The first place whose name is not one of those that come before.
  private func lowerBound(_ comesBefore: (ArraySlice<UInt8>) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if comesBefore(bytes(middle)) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Whether any name is one of those that `fits` says.
  func contains(where fits: (ArraySlice<UInt8>) -> Bool) -> Bool { indices.contains { fits(bytes($0)) } }

  /// Signs of a directory that people work in. A training that writes into one makes no run of it: as a run it would
  /// go away with everything that lies there.
  var isWorkplace: Bool {
    [".git", "setup.py", "pyproject.toml", "requirements.txt", "environment.yml", "train.py", "main.py", "Makefile"]
      .contains { holds($0) } || contains { $0.suffix(6).elementsEqual(".ipynb".utf8) }
  }
}
