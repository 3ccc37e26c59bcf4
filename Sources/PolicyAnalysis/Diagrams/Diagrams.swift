/// The search would cost more than it may: the question is not decided.
struct BudgetSpent: Error {}

/// A set of assignments of regions to variables, as a node of `Diagrams`. Equal sets are the same node.
struct Diagram: Hashable, Sendable {
  fileprivate let node: Int32
  static let nothing = Diagram(node: 0)
  static let everything = Diagram(node: 1)
  var isEmpty: Bool { self == .nothing }
  /// For tables: dense, starting with 0 and 1.
  var index: Int { Int(node) }
}

/// Reduced ordered multi-valued decision diagrams, shared.
///
/// Each inner node asks one variable and has one child for each of its regions; nodes with equal children are left out,
/// so that two formulas mean the same exactly if they are the same node, and a path to `everything` is a model.
///
/// INVARIANT: variables along a path rise; `nodes` only grows, up to `mostNodes`, after which every operation throws.
final class Diagrams {
  struct Node: Hashable {
    let variable: Int32
    let children: [Int32]
  }
  private enum Operation: Int32 { case and, or, not }
  private struct Question: Hashable {
    let operation: Int32
    let left: Int32
    let right: Int32
  }

  /// Number of regions of each variable, in the order in which diagrams ask for them.
  let sizes: [Int]
  private let budget: Int
  /// What `nodes` and `steps` may grow to.
  private var mostNodes: Int
  private var mostSteps: Int
  private var nodes: [Node] = [Node(variable: .max, children: []), Node(variable: .max, children: [])]
  private var table: [Node: Int32] = [:]
  private var answers: [Question: Int32] = [:]
  /// Work done so far, in questions that were not answered before.
  private(set) var steps = 0

  init(sizes: [Int], budget: Int) {
    self.sizes = sizes
    self.budget = budget
    mostNodes = budget
    mostSteps = budget * 4
  }

  /// Gives the next question as much as the first one had, whatever was spent before.
  func renewBudget() {
    mostNodes = nodes.count + budget
    mostSteps = steps + budget * 4
  }

  func node(_ diagram: Diagram) -> Node { nodes[diagram.index] }

  private func make(_ variable: Int32, _ children: [Int32]) throws(BudgetSpent) -> Int32 {
    if let first = children.first, children.allSatisfy({ $0 == first }) { return first }
    let node = Node(variable: variable, children: children)
    if let known = table[node] { return known }
    guard nodes.count < mostNodes else { throw BudgetSpent() }
    nodes.append(node)
    let index = Int32(nodes.count - 1)
    table[node] = index
    return index
  }

  /// The assignments whose region of `variable` is one of those marked.
  func among(_ variable: Int, _ marked: [Bool]) throws(BudgetSpent) -> Diagram {
    Diagram(node: try make(Int32(variable), marked.map { $0 ? 1 : 0 }))
  }

  func and(_ left: Diagram, _ right: Diagram) throws(BudgetSpent) -> Diagram {
    Diagram(node: try combine(.and, left.node, right.node))
  }

  func or(_ left: Diagram, _ right: Diagram) throws(BudgetSpent) -> Diagram {
    Diagram(node: try combine(.or, left.node, right.node))
  }

  func not(_ diagram: Diagram) throws(BudgetSpent) -> Diagram { Diagram(node: try negate(diagram.node)) }

  func all(_ diagrams: [Diagram]) throws(BudgetSpent) -> Diagram {
    var result = Diagram.everything
    for diagram in diagrams { result = try and(result, diagram) }
    return result
  }

  func any(_ diagrams: [Diagram]) throws(BudgetSpent) -> Diagram {
    var result = Diagram.nothing
    for diagram in diagrams { result = try or(result, diagram) }
    return result
  }

  /// `left` without `right`.
  func minus(_ left: Diagram, _ right: Diagram) throws(BudgetSpent) -> Diagram { try and(left, try not(right)) }

  func implies(_ left: Diagram, _ right: Diagram) throws(BudgetSpent) -> Bool { try minus(left, right).isEmpty }

  /// Where exactly one of the two holds.
  func differ(_ left: Diagram, _ right: Diagram) throws(BudgetSpent) -> Diagram {
    if left == right { return .nothing }
    return try or(try minus(left, right), try minus(right, left))
  }

  private func combine(_ operation: Operation, _ left: Int32, _ right: Int32) throws(BudgetSpent) -> Int32 {
    let (absorbing, neutral): (Int32, Int32) = operation == .and ? (0, 1) : (1, 0)
    if left == absorbing || right == absorbing { return absorbing }
    if left == neutral || left == right { return right }
    if right == neutral { return left }
    let question = Question(operation: operation.rawValue, left: min(left, right), right: max(left, right))
    if let known = answers[question] { return known }
    steps += 1
    guard steps < mostSteps else { throw BudgetSpent() }
    let (a, b) = (nodes[Int(left)], nodes[Int(right)])
    let variable = min(a.variable, b.variable)
    var children: [Int32] = []
    children.reserveCapacity(sizes[Int(variable)])
    for region in 0..<sizes[Int(variable)] {
      children.append(
        try combine(
          operation, a.variable == variable ? a.children[region] : left,
          b.variable == variable ? b.children[region] : right))
    }
    let result = try make(variable, children)
    answers[question] = result
    return result
  }

  private func negate(_ node: Int32) throws(BudgetSpent) -> Int32 {
    if node < 2 { return 1 - node }
    let question = Question(operation: Operation.not.rawValue, left: node, right: 0)
    if let known = answers[question] { return known }
    steps += 1
    guard steps < mostSteps else { throw BudgetSpent() }
    let old = nodes[Int(node)]
    var children: [Int32] = []
    for child in old.children { children.append(try negate(child)) }
    let result = try make(old.variable, children)
    answers[question] = result
    return result
  }

  /// The variables that a diagram asks for, in order.
  func variables(of diagram: Diagram) -> [Int] {
    var seen: Set<Int32> = [0, 1]
    var found: Set<Int> = []
    var pending = [diagram.node]
    while let next = pending.popLast() {
      guard seen.insert(next).inserted else { continue }
      found.insert(Int(nodes[Int(next)].variable))
      pending += nodes[Int(next)].children
    }
    return found.sorted()
  }

  /// The diagram with one variable held to a region.
  func restrict(_ diagram: Diagram, _ variable: Int, to region: Int) throws(BudgetSpent) -> Diagram {
    let held = try among(variable, (0..<sizes[variable]).map { $0 == region })
    return try and(diagram, held)
  }

  /// The diagram as it is when a variable has a region, no longer asking for the variable.
  func cofactor(_ diagram: Diagram, _ variable: Int, _ region: Int) throws(BudgetSpent) -> Diagram {
    var known: [Int32: Int32] = [:]
    return Diagram(node: try cofactor(diagram.node, Int32(variable), region, &known))
  }

  private func cofactor(
    _ node: Int32, _ variable: Int32, _ region: Int, _ known: inout [Int32: Int32]
  ) throws(BudgetSpent) -> Int32 {
    let inner = nodes[Int(node)]
    if inner.variable > variable { return node }
    if inner.variable == variable { return inner.children[region] }
    if let found = known[node] { return found }
    var children: [Int32] = []
    for child in inner.children { children.append(try cofactor(child, variable, region, &known)) }
    let result = try make(inner.variable, children)
    known[node] = result
    return result
  }

  /// The models with the lowest sums of costs, at most `count`, the cheapest first; each names only the variables on
  /// its path.
  func models(of diagram: Diagram, count: Int, cost: (_ variable: Int, _ region: Int) -> Int) -> [Model] {
    var best: [Int32: [Model]] = [:]
    return models(diagram.node, count, cost, &best)
  }

  private func models(
    _ node: Int32, _ count: Int, _ cost: (Int, Int) -> Int, _ best: inout [Int32: [Model]]
  ) -> [Model] {
    if node == 0 { return [] }
    if node == 1 { return [Model(regions: [], cost: 0)] }
    if let known = best[node] { return known }
    let inner = nodes[Int(node)]
    var found: [Model] = []
    for (region, child) in inner.children.enumerated() where child != 0 {
      let step = cost(Int(inner.variable), region)
      for rest in models(child, count, cost, &best) {
        found.append(
          Model(
            regions: [Model.Choice(variable: Int(inner.variable), region: region)] + rest.regions,
            cost: step + rest.cost))
      }
    }
    // A stable order: by cost, then in the order of regions.
    let sorted = found.enumerated().sorted { left, right in
      left.element.cost == right.element.cost
        ? left.offset < right.offset : left.element.cost < right.element.cost
    }
    let result = sorted.prefix(count).map(\.element)
    best[node] = result
    return result
  }
}

/// A choice of regions for some variables; the others may be anything.
struct Model: Sendable {
  struct Choice: Hashable, Sendable {
    let variable: Int
    let region: Int
  }
  /// By rising variable.
  var regions: [Choice]
  var cost: Int

  func region(of variable: Int) -> Int? { regions.first { $0.variable == variable }?.region }
}
