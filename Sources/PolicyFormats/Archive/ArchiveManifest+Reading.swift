internal import PolicyCore
internal import PolicyDigest

extension ArchiveManifest {
  /// Why a file is no manifest that can be believed.
  public struct Unreadable: Error, Equatable, Sendable {
    /// Lower case, no full stop.
    public let reason: String
  }

  /// Exactly what `encode` writes, unknown members of the JSON apart.
  public static func decode(_ bytes: [UInt8]) throws(Unreadable) -> ArchiveManifest {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    guard lines.popLast()?.isEmpty == true, let last = lines.popLast() else {
      throw Unreadable(reason: "the manifest is cut off")
    }
    let above = Array(bytes[..<last.startIndex])
    guard Array(last) == Array("# sha256 of the lines above: \(SHA256Digest.hex(of: above))".utf8) else {
      throw Unreadable(reason: "the manifest is damaged: its own checksum does not fit")
    }
    let first = lines.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard let form = Form.allCases.first(where: { first.hasPrefix("# policy-\($0.rawValue)/1.") }) else {
      throw Unreadable(
        reason: "the manifest is of another format than \(Form.archive.format) or \(Form.backup.format); "
          + "was it written by a newer version?")
    }
    var reader = Lines(rest: lines.dropFirst())
    do throws(JournalFields.Unfit) {
      let header = try reader.fields()
      var entries: [ArchiveEntry] = []
      while !reader.rest.isEmpty { entries.append(try entry(&reader)) }
      let count = try header.integer("entries")
      guard count == Int64(entries.count) else { throw JournalFields.Unfit(key: "entries") }
      guard form == .archive else {
        let manifest = ArchiveManifest(origin: try origin(header), entries: entries)
        guard try header.integer("size") == manifest.size else { throw JournalFields.Unfit(key: "size") }
        return manifest
      }
      return ArchiveManifest(
        origin: try origin(header), file: try header.bytes("file"), size: try header.integer("size"),
        digest: try header.text("sha256"), entries: entries)
    } catch {
      throw Unreadable(reason: "the manifest has no usable `\(error.key)`")
    }
  }

  private struct Lines {
    var rest: ArraySlice<ArraySlice<UInt8>>

    /// The JSON of the next line.
    mutating func fields() throws(JournalFields.Unfit) -> JournalFields {
      guard let line = rest.popFirst(), line.starts(with: Array("# ".utf8)),
        let value = try? JSONReader.parse(Array(line.dropFirst(2)))
      else { throw JournalFields.Unfit(key: "lines") }
      return try JournalFields(value)
    }
  }

  private static func origin(_ header: JournalFields) throws(JournalFields.Unfit) -> Origin {
    guard let uid = UInt32(exactly: try header.integer("uid")) else { throw JournalFields.Unfit(key: "uid") }
    return Origin(
      record: try header.text("record"), kind: try header.word("kind"), host: try header.bytes("host"),
      root: try header.bytes("root"), path: try header.bytes("path"), uid: uid,
      owner: try header.optionalBytes("owner"),
      tree: try header.text("tree_sha256"), action: try header.optionalText("action"),
      plan: try header.optionalText("plan"), policy: try header.optionalText("policy"),
      rules: try rules(header), tool: try header.text("tool"), at: try header.time("at"))
  }

  private static func rules(_ header: JournalFields) throws(JournalFields.Unfit) -> [String] {
    guard header.optional("rules") != nil else { return [] }
    var rules: [String] = []
    for value in try header.list("rules") {
      guard case .string(let rule) = value else { throw JournalFields.Unfit(key: "rules") }
      rules.append(rule)
    }
    return rules
  }

  private static func entry(_ lines: inout Lines) throws(JournalFields.Unfit) -> ArchiveEntry {
    let fields = try lines.fields()
    func number(_ key: String) throws(JournalFields.Unfit) -> UInt32 {
      guard let number = UInt32(exactly: try fields.integer(key)) else { throw JournalFields.Unfit(key: key) }
      return number
    }
    let kind: ArchiveEntry.Kind = try fields.word("type")
    guard let mode = UInt32(try fields.text("mode"), radix: 8), mode <= 0o7777 else {
      throw JournalFields.Unfit(key: "mode")
    }
    let isFile = kind == .file || kind == .link
    var entry = ArchiveEntry(
      path: try fields.bytes("path"), kind: kind, mode: mode, uid: try number("uid"), gid: try number("gid"),
      modified: try fields.integer("mtime_ns"), size: isFile ? try fields.integer("size") : 0,
      target: try fields.optionalBytes("to"), attributes: try attributes(fields), segments: try segments(fields))
    guard entry.size >= 0, (entry.target != nil) == (kind == .symlink || kind == .link) else {
      throw JournalFields.Unfit(key: "to")
    }
    guard isFile else { return entry }
    if let digest = try fields.optionalText("data_sha256") {
      entry.digest = digest
    } else {
      guard let line = lines.rest.popFirst(), let digest = ChecksumLine.digest(line, of: entry.path) else {
        throw JournalFields.Unfit(key: "checksum")
      }
      entry.digest = digest
    }
    return entry
  }

  private static func attributes(_ fields: JournalFields) throws(JournalFields.Unfit) -> [ArchiveEntry.Attribute] {
    guard fields.optional("attributes") != nil else { return [] }
    var attributes: [ArchiveEntry.Attribute] = []
    for value in try fields.list("attributes") {
      let one = try JournalFields(value, key: "attributes")
      guard let bytes = Hexadecimal.decode(try one.text("value")) else { throw JournalFields.Unfit(key: "value") }
      attributes.append(ArchiveEntry.Attribute(name: try one.bytes("name"), value: bytes))
    }
    return attributes
  }

  /// In order, without overlap, within the file.
  private static func segments(_ fields: JournalFields) throws(JournalFields.Unfit) -> [ArchiveEntry.Segment]? {
    guard fields.optional("data") != nil else { return nil }
    let size = try fields.integer("size")
    var segments: [ArchiveEntry.Segment] = []
    var end: Int64 = 0
    for value in try fields.list("data") {
      guard case .array(let pair) = value, pair.count == 2, case .integer(let offset) = pair[0],
        case .integer(let length) = pair[1], offset >= end, length > 0, length <= size, offset <= size - length
      else { throw JournalFields.Unfit(key: "data") }
      segments.append(ArchiveEntry.Segment(offset: offset, length: length))
      end = offset + length
    }
    return segments
  }
}
