public import PolicyCore

/// `SnapshotCodec.entityJSON` of many entities, not to be looked at but only passed on.
public struct EntityEncoder {
  private let encoder: SnapshotEncoder

  public init(schema: FactSchema = FactSchema()) {
    encoder = SnapshotEncoder(Snapshot(now: Timestamp(nanoseconds: 0), roots: []), schema: schema)
  }

  public func encode(_ entity: Entity) -> JSONValue {
    var encoder = encoder
    return .encoded(encoder.encode(part: entity))
  }
}
