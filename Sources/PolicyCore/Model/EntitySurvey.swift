/// What is asked of very many entities, side by side: found without copying one, which would count its references.
package struct EntitySurvey {
  package private(set) var paths: [UInt8] = []
  /// Where the path of each entity ends.
  package private(set) var ends: [UInt32] = []
  /// The shape of a checkpoint in its place that has no notes, links, backups or unreadable facts; `nil` for whatever else.
  package private(set) var plainShapes: [ObjectIdentifier?] = []

  package init(_ entities: [Entity], _ places: Range<Int>) {
    paths.reserveCapacity(places.count * 40)
    ends.reserveCapacity(places.count)
    plainShapes.reserveCapacity(places.count)
    let all = entities.span
    for place in places {
      all[place].writePath(to: &paths)
      ends.append(UInt32(paths.count))
      // Field by field: an entity that is passed on is copied.
      let isPlain =
        all[place].kind == .checkpoint && all[place].tier == .live && !all[place].hasRareParts
        && !all[place].hasUnreadable
      plainShapes.append(isPlain ? all[place].shapeIdentifier() : nil)
    }
  }
}
