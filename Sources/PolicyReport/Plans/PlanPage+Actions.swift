internal import PolicyCore
internal import PolicyFormats

extension PlanPage {
  /// What goes by rule: where each is written, and its own words, said once.
  func rules() -> [String] {
    var ids: [String] = []
    let planned = plan.actions
    var tables: [String: [Int]] = [:]
    for index in planned.indices {
      for reason in planned[index].because {
        if tables[reason.rule] == nil { ids.append(reason.rule) }
        tables[reason.rule, default: []].append(index)
      }
    }
    guard !ids.isEmpty else { return [] }
    let columns = style.nameColumns(ids)
    return [style.paint("by rule", .bold)]
      + ids.sorted().flatMap { id -> [String] in
        let actions = tables[id] ?? []
        let size = DisplayText.padLeft(Quantities.size(actions.map { planned[$0].bytes }.sum), to: 9)
        let place = sealed.ruleLocations[id].map { ", \(DisplayText.escape($0))" } ?? ""
        let words = actions.lazy.flatMap { planned[$0].because }.first { $0.rule == id && $0.text != nil }?.text
        return style.row(
          .init(text: "  \(size)  ", columns: 13), name: id, nameColumns: columns,
          [Self.things(actions.map { planned[$0].kind }) + place, words.map { "“\(DisplayText.escape($0))”" } ?? ""])
      }
  }

  /// One section a directory: destructive lines are never collapsed. What all of a section share is said once.
  func actions() -> [[String]] {
    let planned = plan.actions
    let groups = DirectoryGroup.of(Array(planned.indices), root: { planned[$0].root }, path: { planned[$0].path })
    var sections: [[String]] = []
    OrderedPieces(items: groups.count, of: 8) { groups[$0].map { section($0, planned) } }.handOn { sections += $0 }
    return sections
  }

  private func section(_ group: DirectoryGroup<Int>, _ planned: [Action]) -> [String] {
    let names = group.items.map {
      DisplayText.escape(planned[$0].path.isEmpty ? "." : planned[$0].path.lastComponent)
    }
    let columns = style.nameColumns(names)
    let size = Quantities.size(group.items.map { planned[$0].bytes }.sum)
    let total = "\(Self.things(group.items.map { planned[$0].kind })), \(size)"
    // A sum of what is copied and what goes would mean nothing.
    let verb = planned[group.items[0]].verb
    let isOneKind = group.items.count > 1 && group.items.allSatisfy { planned[$0].verb == verb }
    let reasons = group.items.map { phrases.reasons(planned[$0].because) }
    let places = group.items.map { place(planned[$0]) }
    let misses = group.items.map { phrases.nearMisses(planned[$0].notKept) }.map {
      $0.isEmpty ? "" : "not kept: " + $0
    }
    var lines = style.heading(DisplayText.escape(group.directory), isOneKind ? total : "")
    var texts = names.map { _ in [String]() }
    for column in [reasons, places, misses] {
      if names.count > 1, let first = column.first, column.allSatisfy({ $0 == first }) {
        if !first.isEmpty { lines += style.indented(first, by: 2) }
      } else {
        for index in texts.indices { texts[index].append(column[index]) }
      }
    }
    for (place, item) in group.items.enumerated() {
      let action = planned[item]
      let ink: TextStyle.Ink = action.verb == .purge ? .red : action.verb == .trash ? .yellow : .green
      let size = DisplayText.padLeft(Quantities.size(action.bytes), to: 9)
      let verb = DisplayText.pad(action.verb.rawValue, to: 7)
      lines += style.row(
        .init(text: "  \(style.paint(verb, ink)) \(size)  ", columns: 21), name: names[place], nameColumns: columns,
        texts[place])
    }
    return lines
  }

  private func place(_ action: Action) -> String {
    guard let target = action.target, action.verb != .trash else { return "" }
    return "to \(DisplayText.escape(target))"
  }
}

private struct Place: Hashable {
  let root: ByteString
  let directory: ByteString
}

/// Things of one directory, in the order given.
struct DirectoryGroup<Item: Sendable>: Sendable {
  let directory: ByteString
  var items: [Item]

  static func of(
    _ items: [Item], root: (Item) -> ByteString, path: (Item) -> ByteString
  ) -> [DirectoryGroup] {
    var groups: [DirectoryGroup] = []
    var places: [Place: Int] = [:]
    let roots = Set(items.map(root))
    var last: (key: Place, place: Int)?
    for item in items {
      let key = Place(root: root(item), directory: path(item).parent)
      if let last, last.key == key {
        groups[last.place].items.append(item)
        continue
      }
      defer { last = places[key].map { (key, $0) } }
      if let place = places[key] {
        groups[place].items.append(item)
      } else {
        places[key] = groups.count
        groups.append(DirectoryGroup(directory: key.root.name(key.directory, isOnly: roots.count == 1), items: [item]))
      }
    }
    return groups
  }
}

extension ByteString {
  /// The path without its last component.
  var parent: ByteString {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return ByteString([]) }
    return ByteString(Array(bytes[..<slash]))
  }

  /// A directory below a root as it is shown: with its root where there are several.
  fileprivate func name(_ directory: ByteString, isOnly: Bool) -> ByteString {
    if directory.isEmpty { return self }
    return isOnly ? directory : joined(directory)
  }

  func joined(_ path: ByteString) -> ByteString {
    if path.isEmpty { return self }
    return ByteString(bytes + (bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + path.bytes)
  }
}
