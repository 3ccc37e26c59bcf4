internal import PolicyCore

/// Many lines that say the same of neighbours, made one that counts and names them.
enum Folding {
  /// Neighbours for which `alike` holds of the first and each of them.
  static func groups<Items: Collection>(
    _ items: Items, alike: (Items.Element, Items.Element) -> Bool
  ) -> [[Items.Element]] {
    var groups: [[Items.Element]] = []
    for item in items {
      if let first = groups.last?.first, alike(first, item) {
        groups[groups.count - 1].append(item)
      } else {
        groups.append([item])
      }
    }
    return groups
  }

  /// `exp2/weights: 3 checkpoints`
  static func title(_ paths: [ByteString]) -> String {
    let parent = paths.first?.parent ?? ByteString([])
    return (parent.isEmpty ? "" : DisplayText.escape(parent) + ": ") + Quantities.count(paths.count, "checkpoint")
  }

  /// All the names of one directory, or the first few and how many more.
  static func names(_ paths: [ByteString], most: Int = 12) -> String {
    let shown = paths.prefix(paths.count > most ? most - 2 : most).map { DisplayText.escape($0.lastComponent) }
    return shown.joined(separator: ", ") + (paths.count > shown.count ? " and \(paths.count - shown.count) more" : "")
  }
}
