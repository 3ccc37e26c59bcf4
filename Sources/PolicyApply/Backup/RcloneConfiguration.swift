internal import PolicyCore
internal import PolicyFormats

/// The remotes of an owner's `rclone`, as far as is needed to see that one ends on this machine: there the confinement lets
/// rclone write nothing, and a folder needs no rclone.
struct RcloneConfiguration {
  /// Options by remote. They hold passwords: nothing of them but a path is ever said.
  private let remotes: [String: [String: String]]
  /// Whether rclone told of any: where it did not, a remote may still be there.
  private let isTold: Bool
  /// What environment variables set, by name.
  private let variables: [String: String]
  /// Remotes over remotes; more of them are a circle.
  private static let mostLayers = 16
  /// Lay other names, bytes or files over what one option names.
  private static let layers = ["alias", "crypt", "chunker", "compress", "hasher", "cache"]
  private static let bundles = ["union", "combine"]

  /// - Parameter dump: what `rclone config dump` prints.
  /// - Parameter variables: as `NAME=value`.
  init(dump: [UInt8], variables: [String]) {
    var remotes: [String: [String: String]] = [:]
    var isTold = false
    if case .object(let object)? = try? JSONReader.parse(dump) {
      isTold = true
      for member in object.members {
        guard case .object(let options) = member.value else { continue }
        for option in options.members {
          if case .string(let text) = option.value { remotes[member.key, default: [:]][option.key] = text }
        }
      }
    }
    (self.remotes, self.isTold) = (remotes, isTold)
    let pairs = variables.filter { $0.hasPrefix("RCLONE_CONFIG_") }.compactMap { text -> (String, String)? in
      text.firstIndex(of: "=").map { (String(text[..<$0]), String(text[text.index(after: $0)...])) }
    }
    self.variables = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// Refuses a remote that the configuration does not have, before rclone says so in its own words.
  func requireKnown(_ target: RcloneTarget, isRoots: Bool) throws(ArchiveTrouble) {
    let name = String(target.root.prefix { $0 != ":" })
    let variable = "RCLONE_CONFIG_" + name.uppercased().replacing("-", with: "_").replacing(" ", with: "_") + "_TYPE"
    guard isTold, remotes[name] == nil, variables[variable] == nil else { return }
    throw ArchiveTrouble(
      "rclone knows no remote `\(name)`: `rclone listremotes` shows those of this account, `rclone config` makes one"
        + (isRoots ? " (root's own file counts: `RCLONE_CONFIG` and other variables of root are not passed on)" : ""))
  }

  /// Refuses a remote that would write on this machine.
  func requireElsewhere(_ target: RcloneTarget) throws(ArchiveTrouble) {
    guard let end = end(of: target.root, layers: 0) else { return }
    let name = target.root.prefix { $0 != ":" }
    let isFolder = end.path.utf8.first == UInt8(ascii: "/")
    let place = isFolder ? end.path : "a folder"
    let change = end.isPlain ? "" : "; its files lie there as they are, without what the remote makes of them"
    throw ArchiveTrouble(
      "the remote `\(name)` ends in \(place) on this machine, where rclone may write nothing: "
        + "write the folder itself, `backup: { to: \(isFolder ? end.path : "/mnt/nas/runs") }`\(change)")
  }

  private struct End {
    let path: String
    /// The files would be in it under their names, as they are.
    let isPlain: Bool
  }

  /// The folder of this machine that `REMOTE:PATH` writes to; `nil` where it ends elsewhere, or nobody knows.
  private func end(of place: String, layers: Int) -> End? {
    guard layers < Self.mostLayers else { return nil }
    guard let colon = place.firstIndex(of: ":"), !place[..<colon].contains("/") else {
      return End(path: place, isPlain: true)
    }
    if colon == place.startIndex { return unnamed(place.dropFirst(), layers: layers) }
    // Options may follow the name.
    let name = String(place[..<colon].prefix { $0 != "," })
    let path = String(place[place.index(after: colon)...])
    return end(of: option("type", name) ?? "", path, layers: layers) { option($0, name) }
  }

  /// `:TYPE:PATH` and `:TYPE,OPTION=VALUE:PATH`: a remote that has no name.
  private func unnamed(_ place: Substring, layers: Int) -> End? {
    guard let colon = place.firstIndex(of: ":") else { return nil }
    return end(
      of: String(place[..<colon].prefix { $0 != "," }), String(place[place.index(after: colon)...]), layers: layers
    ) {
      _ in nil
    }
  }

  private func end(of type: String, _ path: String, layers: Int, option: (String) -> String?) -> End? {
    if type == "local" { return End(path: path, isPlain: true) }
    if Self.layers.contains(type) {
      guard let remote = option("remote"), let end = end(of: remote, layers: layers + 1) else { return nil }
      let isPlain = end.isPlain && !["crypt", "chunker", "compress"].contains(type)
      return End(path: type == "crypt" ? end.path : Self.join(end.path, path), isPlain: isPlain)
    }
    guard Self.bundles.contains(type), let upstreams = option("upstreams") else { return nil }
    for upstream in upstreams.split(whereSeparator: \.isWhitespace) {
      var place = upstream.filter { $0 != "\"" }
      if type == "combine" {
        guard let equals = place.firstIndex(of: "=") else { continue }
        place = String(place[place.index(after: equals)...])
      }
      // Of these nothing is ever written to.
      if place.hasSuffix(":ro") { continue }
      for suffix in [":nc", ":writeback"] where place.hasSuffix(suffix) { place.removeLast(suffix.count) }
      if let end = end(of: place, layers: layers + 1) {
        return End(path: type == "combine" ? end.path : Self.join(end.path, path), isPlain: end.isPlain)
      }
    }
    return nil
  }

  private static func join(_ folder: String, _ path: String) -> String {
    if path.isEmpty { return folder }
    let start = path.hasPrefix("/") ? path.dropFirst() : path[...]
    return folder.hasSuffix("/") ? folder + start : folder + "/" + start
  }

  private func option(_ key: String, _ remote: String) -> String? {
    let words = [remote, key].map { word in String(word.uppercased().map { "-. ".contains($0) ? "_" : $0 }) }
    return variables["RCLONE_CONFIG_\(words[0])_\(words[1])"] ?? remotes[remote]?[key]
  }
}
