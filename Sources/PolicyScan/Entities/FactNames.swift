internal import PolicyCore

/// The numbers of the names that every layout has; see `EntityPacker`.
struct FactNames {
  let backedUpAt, bytes, createdAt, epoch, epochs, files, finishedAt, inUse, modifiedAt, number, pinned, plannedEpochs,
    project, restoredAt, resumable, role, startedAt, state, step, tags, user: Int

  init(_ packer: inout EntityPacker) {
    backedUpAt = packer.name("backed_up_at")
    bytes = packer.name("bytes")
    createdAt = packer.name("created_at")
    epoch = packer.name("epoch")
    epochs = packer.name("epochs")
    files = packer.name("files")
    finishedAt = packer.name("finished_at")
    inUse = packer.name("in_use")
    modifiedAt = packer.name("modified_at")
    number = packer.name("number")
    pinned = packer.name("pinned")
    plannedEpochs = packer.name("planned_epochs")
    project = packer.name("project")
    restoredAt = packer.name("restored_at")
    resumable = packer.name("resumable")
    role = packer.name("role")
    startedAt = packer.name("started_at")
    state = packer.name("state")
    step = packer.name("step")
    tags = packer.name("tags")
    user = packer.name("user")
  }
}
