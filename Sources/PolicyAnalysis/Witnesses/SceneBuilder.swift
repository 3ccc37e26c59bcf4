internal import PolicyCore

/// Builds the smallest world in which a model holds: the thing itself, and for every selector that must not choose it
/// as many rivals above it as the selector has places.
///
/// A scene is a proposal. Whether it shows what it should is decided by the real evaluator.
struct SceneBuilder {
  let universe: Universe
  let compiler: ConditionCompiler
  let axioms: Diagram
  /// Where runs are looked for: a policy with absolute roots sees no others.
  let root: ByteString

  /// Worlds for one model, the most likely first.
  func scenes(_ model: Model, _ subject: Subject) throws(BudgetSpent) -> [Scene] {
    let writer = DraftWriter(universe: universe, model: model)
    guard let now = writer.now, let plain = base(writer, subject, now) else { return [] }
    let base = numbered(plain, model)
    let (chosen, passed) = selections(model, subject)
    let most = passed.map { Self.places(universe.selections[$0].selector) }.max() ?? 0
    // What a selector does not rank needs no rivals: by itself it makes the smallest world.
    var scenes = [base].filter(\.isSound)
    guard most > 0, most <= 40 else { return scenes }
    // Each selector that does choose it is kept out of the rivals' way in one of several manners.
    for manner in Manner.allCases {
      var scene = base
      guard let rivals = try rivals(writer, subject, now, chosen, passed, manner) else { continue }
      scene.drafts += rivals
      if scene.isSound { scenes.append(scene) }
      if chosen.isEmpty { break }
    }
    return scenes
  }

  /// How many rivals a selector of these policies may take to pass a thing over, the fewest first.
  var rivalCounts: [Int] { Set([0] + universe.selections.map { Self.places($0.selector) }).sorted() }

  /// Where it takes no more than so many rivals: every selector with more places chooses the thing or does not rank it.
  func needing(atMost rivals: Int) throws(BudgetSpent) -> Diagram {
    var result = Diagram.everything
    for (index, selection) in universe.selections.enumerated() where Self.places(selection.selector) > rivals {
      let kind = selection.subject.kind
      var free = try compiler.diagrams.or(
        try compiler.truth(selection.condition, on: kind).no, try compiler.flag(.selected(index)))
      if case .ranked(let ranking) = selection.selector, ranking.missing == .drop {
        free = try compiler.diagrams.or(free, try compiler.facts(FactKey(ranking.key, on: kind)) { $0 == .missing })
      }
      result = try compiler.diagrams.and(result, free)
    }
    return result
  }

  /// With numbers that selectors of every nth choose or pass over as the model has it.
  private func numbered(_ scene: Scene, _ model: Model) -> Scene {
    var scene = scene
    for index in scene.drafts.indices {
      var steps: [String: [(step: Int64, isChosen: Bool)]] = [:]
      let subject = scene.drafts[index].subject
      for (place, selection) in universe.selections.enumerated() where selection.subject == subject {
        guard case .every(let step, let by) = selection.selector, by.scope == .own,
          let variable = universe.variable(.selected(place)), let region = model.region(of: variable)
        else { continue }
        steps[by.name, default: []].append((Int64(step), region == 1))
      }
      for (name, wanted) in steps {
        guard case .integer(let usual)? = scene.drafts[index].facts[name] else { continue }
        let multiple = wanted.filter(\.isChosen).map(\.step).max() ?? 1
        let numbers = [usual] + (1...200).map { multiple.multipliedReportingOverflow(by: $0).partialValue }
        let fitting = numbers.first { number in
          number >= 0 && wanted.allSatisfy { number.isMultiple(of: $0.step) == $0.isChosen }
        }
        if let fitting { scene.drafts[index].set(name, .integer(fitting)) }
      }
    }
    return scene
  }

  private func base(_ writer: DraftWriter, _ subject: Subject, _ now: Timestamp) -> Scene? {
    var scene = Scene(now: now, drafts: [], root: root)
    if let host = writer.samples(FactKey(.run, "host"))?.first { scene.host = host }
    if let root = writer.samples(FactKey(.run, "root"))?.first(where: { $0.bytes.first == UInt8(ascii: "/") }) {
      scene.root = root
    }
    guard let run = writer.draft(.run, at: now, path: "train/run") else { return nil }
    let isLoose = subject == .checkpoint && writer.flag(.loose) == true
    scene.drafts = isLoose ? [] : [run]
    if subject == .checkpoint {
      let path = ByteString(run.path.displayText + "/weights/epoch.pt")
      guard let checkpoint = writer.draft(.checkpoint, at: now, path: path) else { return nil }
      if !checkpoint.path.isAtOrBelow(run.path), writer.samples(FactKey(.run, "path")) == nil,
        writer.samples(FactKey(.run, "name")) == nil, !checkpoint.path.folder.isEmpty, !isLoose
      {
        // Where the checkpoint must be called something, its run is around it.
        scene.drafts[0].path = checkpoint.path.folder
      }
      let around = scene.drafts.first?.path ?? run.path
      guard checkpoint.path.isAtOrBelow(around), checkpoint.path != around else { return nil }
      scene.drafts.append(checkpoint)
    }
    return scene
  }

  /// Selectors on either level that the model has choosing the thing, and those that it has passing it over.
  private func selections(_ model: Model, _ subject: Subject) -> (chosen: [Int], passed: [Int]) {
    var (chosen, passed): ([Int], [Int]) = ([], [])
    for index in universe.selections.indices where universe.selections[index].subject <= subject {
      guard let variable = universe.variable(.selected(index)), let region = model.region(of: variable) else {
        continue
      }
      if region == 1 { chosen.append(index) } else { passed.append(index) }
    }
    return (chosen, passed)
  }

  private static func places(_ selector: Selector) -> Int {
    if case .ranked(let ranking) = selector, case .limited(let count) = ranking.count { return count }
    return 0
  }

  // MARK: - Rivals

  /// How a rival is kept from pushing the thing out of a selector that must choose it.
  private enum Manner: CaseIterable { case otherGroup, worseKey, outOfScope, none }

  private func rivals(
    _ writer: DraftWriter, _ subject: Subject, _ now: Timestamp, _ chosen: [Int], _ passed: [Int], _ manner: Manner
  ) throws(BudgetSpent) -> [Draft]? {
    var drafts: [Draft] = []
    var made = 0
    // One set of rivals serves all selectors that pass the thing over, unless some selector must go on choosing it.
    let wanted = chosen.isEmpty ? mostDemanding(passed) : passed
    for index in wanted {
      let selection = universe.selections[index]
      let others = chosen.filter { universe.selections[$0].subject == selection.subject }
      for _ in 0..<Self.places(selection.selector) {
        made += 1
        guard let rival = try rival(writer, selection, others, now, made, manner) else { return nil }
        drafts.append(rival)
      }
    }
    return drafts
  }

  private func mostDemanding(_ passed: [Int]) -> [Int] {
    Subject.allCases.flatMap { subject in
      passed.filter { universe.selections[$0].subject == subject }
        .max { Self.places(universe.selections[$0].selector) < Self.places(universe.selections[$1].selector) }
        .map { [$0] } ?? []
    }
  }

  private func rival(
    _ writer: DraftWriter, _ selection: Selection, _ chosen: [Int], _ now: Timestamp, _ number: Int, _ manner: Manner
  ) throws(BudgetSpent) -> Draft? {
    let subject = selection.subject
    // Before the thing in the order of paths, which decides between equals.
    let folder: ByteString =
      subject == .run ? ByteString("train/a\(number)") : ByteString("train/run/weights/a\(number).pt")
    var source = writer
    if manner == .outOfScope, let other = try outside(writer, selection, chosen) { source = other }
    guard var rival = source.draft(subject, at: now, path: folder, place: number) else { return nil }
    guard let original = writer.draft(subject, at: now, path: folder, place: number) else { return nil }
    // In the same group as the thing, at least as good by the key.
    for case .fact(let reference) in selection.per where reference.scope == .own {
      rival.set(reference.name, original.facts[reference.name])
    }
    if manner != .none {
      let better = isHigherBetter(selection) ? number : -number
      rival.set(
        selection.key.name,
        moved(original.facts[selection.key.name], better, selection.key.name, subject)
          ?? rival.facts[selection.key.name])
    }
    for index in chosen {
      let other = universe.selections[index]
      switch manner {
      case .outOfScope, .none: break
      case .otherGroup:
        let apart = other.per.subtracting(selection.per)
        for case .fact(let reference) in apart.sorted(by: Self.precedes) where reference.scope == .own {
          rival.set(
            reference.name, universe.schema.moved(rival.facts[reference.name], number, reference.name, of: subject))
          break
        }
      case .worseKey:
        guard other.key != selection.key else { break }
        let worse = isHigherBetter(other) ? -number : number
        rival.set(other.key.name, moved(rival.facts[other.key.name], worse * 2, other.key.name, subject))
      }
    }
    return rival
  }

  private func moved(_ value: FactValue?, _ steps: Int, _ name: String, _ subject: Subject) -> FactValue? {
    value.flatMap { universe.schema.moved($0, steps, name, of: subject) }
  }

  private static func precedes(_ left: GroupKey, _ right: GroupKey) -> Bool {
    switch (left, right) {
    case (.run, .fact): true
    case (.fact(let a), .fact(let b)): a.spelled < b.spelled
    case (_, .run): false
    }
  }

  private func isHigherBetter(_ selection: Selection) -> Bool {
    if case .ranked(let ranking) = selection.selector { return ranking.better == .higher }
    return true
  }

  /// What a selector ranks and another does not, with the same values of what the first groups by.
  private func outside(
    _ writer: DraftWriter, _ selection: Selection, _ chosen: [Int]
  ) throws(BudgetSpent) -> DraftWriter? {
    let diagrams = compiler.diagrams
    let kind = selection.subject.kind
    var wanted = try diagrams.not(try compiler.truth(selection.condition, on: kind).no)
    for index in chosen {
      let other = universe.selections[index]
      wanted = try diagrams.and(wanted, try compiler.truth(other.condition, on: kind).no)
    }
    var held = selection.per.compactMap { key -> FactKey? in
      if case .fact(let reference) = key { FactKey(reference, on: kind) } else { nil }
    }
    held.append(FactKey(selection.key, on: kind))
    for key in held.sorted() {
      guard let variable = universe.variable(key), let region = writer.model.region(of: variable) else { continue }
      wanted = try diagrams.restrict(wanted, variable, to: region)
    }
    // Of its own run it says what the thing says.
    for choice in writer.model.regions where selection.subject == .checkpoint {
      guard case .fact(let key) = universe.variables[choice.variable].meaning, key.subject == .run else { continue }
      wanted = try diagrams.restrict(wanted, choice.variable, to: choice.region)
    }
    guard let model = diagrams.models(of: wanted, count: 1, cost: universe.cost).first else { return nil }
    return DraftWriter(universe: universe, model: model)
  }
}

extension Universe {
  /// How far a region is from what people expect to see; examples should be ordinary.
  func cost(_ variable: Int, _ region: Int) -> Int {
    let meaning = variables[variable].meaning
    switch variables[variable].regions[region] {
    case .unreadable: return 60
    case .missing: return 12
    case .flag(let isSet):
      switch meaning {
      case .loose: return isSet ? 200 : 0
      case .tier: return isSet ? 40 : 0
      case .backedUp: return isSet ? 2 : 0
      case .selected(let index):
        // Each place of a selector that must not choose the thing is one more rival to look at.
        if isSet { return 0 }
        if case .ranked(let ranking) = selections[index].selector, case .limited(let count) = ranking.count {
          return 6 + min(count, 20)
        }
        return 1
      case .fact: return 0
      }
    case .members(let members): return members.count
    case .known(.text(let text)):
      if case .fact(let key) = meaning, key.name == "state" { return text == "finished" ? 0 : text == "failed" ? 1 : 4 }
      return 1
    case .known(.bool(let flag)): return flag ? 3 : 0
    case .known, .stamp: return 1
    }
  }
}
