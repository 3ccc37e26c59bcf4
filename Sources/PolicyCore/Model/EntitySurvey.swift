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
      let (path, hasUnreadable) = unsafe all[place].surveyedBytes()
      unsafe paths.append(contentsOf: path)
      ends.append(UInt32(paths.count))
      let traits = all[place].traits()
      let isPlain = traits.kind == .checkpoint && traits.tier == .live && !traits.hasRareParts && !hasUnreadable
      plainShapes.append(isPlain ? traits.shape : nil)
    }
  }
}
