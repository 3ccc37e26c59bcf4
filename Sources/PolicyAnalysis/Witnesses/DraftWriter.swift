internal import PolicyCore

/// Gives a model's regions the values of real things.
struct DraftWriter {
  let universe: Universe
  let model: Model

  /// A moment at which every stamp of the model can have both its age and its time; `nil` where there is none.
  var now: Timestamp? {
    var (low, high) = (Int64.min, Int64.max)
    for choice in model.regions {
      guard case .stamp(let age, let time) = universe.variables[choice.variable].regions[choice.region] else {
        continue
      }
      low = max(low, Self.sum(age.lowerBound, time.lowerBound))
      high = min(high, Self.sum(age.upperBound, time.upperBound))
    }
    guard low <= high else { return nil }
    return Timestamp(nanoseconds: min(max(Scene.noon.nanoseconds, low), high))
  }

  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (a > 0 ? .max : .min) : sum
  }

  private func region(_ meaning: Variable.Meaning) -> Region? {
    guard let variable = universe.variable(meaning), let region = model.region(of: variable) else { return nil }
    return universe.variables[variable].regions[region]
  }

  func flag(_ meaning: Variable.Meaning) -> Bool? {
    if case .flag(let value)? = region(meaning) { return value }
    return nil
  }

  /// Other texts of the same region; the first is the shortest.
  func samples(_ key: FactKey) -> [ByteString]? {
    guard let variable = universe.variable(key), let region = model.region(of: variable),
      let texts = universe.variables[variable].texts, texts.samples.indices.contains(region)
    else { return nil }
    return texts.samples[region]
  }

  /// Whether a text is in the region that the model has for a fact.
  private func fits(_ text: ByteString, _ key: FactKey) -> Bool {
    guard let variable = universe.variable(key), let region = model.region(of: variable),
      let texts = universe.variables[variable].texts
    else { return true }
    return texts.place(of: text) == region
  }

  /// The thing itself, with what the model does not speak of filled in as usual. `nil` where no thing is like that.
  func draft(_ subject: Subject, at now: Timestamp, path: ByteString, place: Int = 0) -> Draft? {
    var draft = Draft(subject: subject, path: path)
    let old = now.nanoseconds - TimeSpan.days(30).nanoseconds
    draft.facts["modified_at"] = .integer(old)
    draft.facts["bytes"] = .integer(subject == .run ? 4 << 30 : 1 << 30)
    if subject == .run {
      draft.facts["state"] = .text("finished")
      draft.facts["user"] = .text("alice")
      draft.facts["finished_at"] = .integer(old)
      draft.facts["created_at"] = .integer(old)
    }
    for choice in model.regions {
      let variable = universe.variables[choice.variable]
      guard case .fact(let key) = variable.meaning, key.subject == subject else { continue }
      switch variable.regions[choice.region] {
      case .missing: draft.set(key.name, nil)
      case .unreadable:
        draft.facts[key.name] = nil
        draft.unreadable.insert(key.name)
      case .members(let members): draft.set(key.name, .set(members))
      case .flag: break
      case .known(let constant):
        switch key.name {
        case "name", "path", "host", "root": break
        case "layout": if case .text(let text) = constant { draft.layout = text.displayText }
        default: draft.set(key.name, FactValue(constant))
        }
      case .stamp(let age, let time):
        guard let stamp = Self.stamp(age, time, now) else { return nil }
        draft.set(key.name, .integer(stamp))
      }
    }
    guard let placed = self.path(subject, path, place) else { return nil }
    draft.path = placed
    if flag(.tier(subject)) == true { draft.tier = .archived }
    switch flag(.backedUp(subject)) {
    case true?: draft.backups = [BackupRecord(target: "backup", at: now, treeDigest: nil)]
    case false? where draft.facts["backed_up_at"] != nil:
      // The copy is of something else: what is there is not backed up.
      draft.backups = [BackupRecord(target: "backup", at: now, treeDigest: "of other content")]
    case false?, nil: break
    }
    return draft
  }

  private static func stamp(_ age: ClosedRange<Int64>, _ time: ClosedRange<Int64>, _ now: Timestamp) -> Int64? {
    let (lowest, underflow) = now.nanoseconds.subtractingReportingOverflow(age.upperBound)
    let low = max(time.lowerBound, underflow ? .min : lowest)
    let high = min(time.upperBound, now.nanoseconds - age.lowerBound)
    guard low <= high else { return nil }
    let wanted = now.nanoseconds - Domain.example(age, step: TimeSpan.days(1).nanoseconds)
    return min(max(wanted, low), high)
  }

  /// A path of which name and path are in their regions. `place` counts up for rivals, which come first in order.
  private func path(_ subject: Subject, _ usual: ByteString, _ place: Int) -> ByteString? {
    let names = samples(FactKey(subject, "name"))
    guard let paths = samples(FactKey(subject, "path")) else {
      guard let names else { return usual }
      let parent = usual.components.dropLast().map(\.displayText)
      let folder = place > 0 && subject == .run ? parent + ["a\(place)"] : parent
      let fitting = names.filter { !$0.isEmpty }
      guard let name = fitting.isEmpty ? nil : fitting[subject == .checkpoint ? place % fitting.count : 0] else {
        return nil
      }
      return ByteString((folder + [name.displayText]).joined(separator: "/"))
    }
    let (path, name) = (FactKey(subject, "path"), FactKey(subject, "name"))
    var fitting = paths.filter { Self.isPath($0) && fits($0.lastComponent, name) }
    if fitting.count <= place {
      // The ends that the name wants, on the paths that are there.
      for wanted in names ?? [] where !wanted.isEmpty {
        for folder in paths.flatMap({ [$0.folder, $0] }) {
          let joined = folder.isEmpty ? wanted : ByteString(folder.displayText + "/" + wanted.displayText)
          if Self.isPath(joined), fits(joined, path), !fitting.contains(joined) { fitting.append(joined) }
        }
      }
    }
    return place < fitting.count ? fitting[place] : nil
  }

  private static func isPath(_ text: ByteString) -> Bool {
    let parts = text.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.allSatisfy { !$0.isEmpty && Array($0) != [46] && Array($0) != [46, 46] }
  }
}

extension ByteString {
  /// What stands before the last slash; nothing where there is none.
  var folder: ByteString {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return ByteString([]) }
    return ByteString(bytes[..<slash])
  }
}
