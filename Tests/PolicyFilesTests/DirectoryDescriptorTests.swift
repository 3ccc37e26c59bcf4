import Glibc
import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

/// Both ways of resolving paths must refuse and allow the same.
struct DirectoryDescriptorTests {
  static let resolutions: [PathResolution] = [.openat2, .componentWalk]

  func path(_ text: String) throws -> RelativePath { try #require(RelativePath(Array(text.utf8))) }
  func name(_ text: String) throws -> Name { try #require(Name(text)) }

  func code<Value: ~Copyable>(_ body: () throws(SystemError) -> Value) -> Int32? {
    do throws(SystemError) {
      _ = try body()
      return nil
    } catch { return error.errno }
  }

  @Test func thisKernelHasOpenat2() { #expect(PathResolution.available == .openat2) }

  @Test(arguments: resolutions)
  func opensBelow(_ resolution: PathResolution) throws {
    let tree = TemporaryTree()
    tree.file("a/b/c.txt", "hello")
    let root = try DirectoryDescriptor.openRoot(tree.path.bytes, resolution: resolution)
    let below = try root.open(path("a/b"))
    #expect(try below.readFile(name("c.txt"), limit: 100).bytes == Array("hello".utf8))
    #expect(try root.status(path("a/b/c.txt")).size == 5)
  }

  @Test(arguments: resolutions)
  func neverFollowsLinks(_ resolution: PathResolution) throws {
    let tree = TemporaryTree()
    let outside = TemporaryTree()
    outside.file("secret/x", "x")
    tree.directory("a")
    tree.symlink("a/out", to: outside.path.displayText)
    tree.symlink("file", to: "/etc/passwd")
    let root = try DirectoryDescriptor.openRoot(tree.path.bytes, resolution: resolution)
    let (through, final, file) = (try path("a/out/secret"), try path("a/out"), try name("file"))
    #expect(code { () throws(SystemError) in try root.open(through) } != nil)
    #expect(code { () throws(SystemError) in try root.open(final) } != nil)
    #expect(code { () throws(SystemError) in try root.readFile(file, limit: 10) } == ELOOP)
    #expect(try root.status(file).type == .symlink)
    #expect(try root.linkTarget(file) == Array("/etc/passwd".utf8))
  }

  /// The links of `/proc` lead anywhere without being a path.
  @Test(arguments: resolutions)
  func neverFollowsMagicLinks(_ resolution: PathResolution) throws {
    let descriptor = unsafe open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(descriptor) }
    let process = try DirectoryDescriptor.openRoot(Array("/proc/\(getpid())".utf8), resolution: resolution)
    for text in ["root", "cwd", "root/etc", "fd/\(descriptor)"] {
      let magic = try path(text)
      #expect(code { () throws(SystemError) in try process.open(magic) } != nil, "\(text)")
    }
    // What is no link opens.
    let plain = try path("fd")
    #expect(code { () throws(SystemError) in try process.open(plain) } == nil)
  }

  @Test(arguments: resolutions)
  func crossesNoMount(_ resolution: PathResolution) throws {
    // /proc is a mount of its own on every Linux.
    let root = try DirectoryDescriptor.openRoot([UInt8(ascii: "/")], resolution: resolution)
    let proc = try path("proc")
    #expect(code { () throws(SystemError) in try root.open(proc) } == EXDEV)
    #expect(try root.status(name("proc")).isOnAnotherMount(than: root.status()))
  }

  @Test func refusesLinksAndRelativePathsAsRoot() throws {
    let tree = TemporaryTree()
    tree.directory("real")
    tree.symlink("link", to: "real")
    #expect(code { () throws(SystemError) in try DirectoryDescriptor.openRoot(tree.absolute("link").bytes) } != nil)
    #expect(code { () throws(SystemError) in try DirectoryDescriptor.openRoot(Array("tmp".utf8)) } == EINVAL)
    #expect(code { () throws(SystemError) in try DirectoryDescriptor.openRoot(tree.absolute("no").bytes) } == ENOENT)
  }

  @Test func listsInByteOrder() throws {
    let tree = TemporaryTree()
    let names: [[UInt8]] = [
      Array("b".utf8), Array("a\nb".utf8), [0xFF, 0x01], Array("e\u{301}".utf8), Array("\u{E9}".utf8), Array("B".utf8),
    ]
    for name in names { tree.file(ByteString(name)) }
    tree.directory(".hidden")
    let listing = try DirectoryDescriptor.openRoot(tree.path.bytes).list()
    let found = listing.indices.map { Array(listing.bytes($0)) }
    #expect(found == (names + [Array(".hidden".utf8)]).sorted { $0.lexicographicallyPrecedes($1) })
    #expect(listing.index(of: [0xFF, 0x01]) != nil)
    #expect(listing.index(of: "c") == nil)
  }

  @Test func listsManyEntriesTwice() throws {
    let tree = TemporaryTree()
    for index in 0..<3000 { tree.file(ByteString("file-with-a-rather-long-name-\(index)")) }
    let root = try DirectoryDescriptor.openRoot(tree.path.bytes)
    #expect(try root.list().count == 3000)
    #expect(try root.list().count == 3000)
  }

  @Test func readsWithinItsLimit() throws {
    let tree = TemporaryTree()
    tree.file("f", [UInt8](repeating: 7, count: 200_000))
    let root = try DirectoryDescriptor.openRoot(tree.path.bytes)
    let file = try name("f")
    let whole = try root.readFile(file, limit: 200_000)
    #expect(whole.bytes.count == 200_000 && !whole.isCut && whole.isStable)
    let part = try root.readFile(file, limit: 199_999)
    #expect(part.bytes.count == 199_999 && part.isCut)
    #expect(try root.openFile(file).read(at: 199_990, count: 100).count == 10)
  }

  @Test func neverBlocksOnFIFOs() throws {
    let tree = TemporaryTree()
    tree.fifo("pipe")
    tree.directory("d")
    let root = try DirectoryDescriptor.openRoot(tree.path.bytes)
    let (pipe, folder) = (try name("pipe"), try name("d"))
    #expect(code { () throws(SystemError) in try root.readFile(pipe, limit: 10) } == EINVAL)
    #expect(code { () throws(SystemError) in try root.readFile(folder, limit: 10) } == EISDIR)
  }

  @Test(arguments: [LOCK_EX, LOCK_SH]) func seesLocksOfOthers(kind: Int32) throws {
    let tree = TemporaryTree()
    tree.directory("d")
    let directory = try DirectoryDescriptor.openRoot(tree.absolute("d").bytes)
    #expect(try !directory.isLockedByAnother())
    let held = tree.opened("d") { file in
      flock(file, kind)
      return try? directory.isLockedByAnother()
    }
    #expect(held == true)
    #expect(try !directory.isLockedByAnother())
  }

  @Test func tellsStatus() throws {
    let tree = TemporaryTree()
    tree.file("f", [UInt8](repeating: 1, count: 5000), modified: 1_700_000_000_123_456_789)
    tree.hardLink("g", to: "f")
    let status = try DirectoryDescriptor.openRoot(tree.path.bytes).status(name("f"))
    #expect(status.type == .regular && status.size == 5000 && status.links == 2)
    #expect(status.modified == 1_700_000_000_123_456_789)
    #expect(status.allocatedBytes >= 5000 && status.allocatedBytes % 512 == 0)
    #expect(status.mountID != nil && status.isMountRoot == false)
  }

  @Test func namesErrorsInLowerCase() {
    #expect(SystemError(errno: EACCES, call: "open").text == "permission denied")
  }

  @Test func knowsMountsAndVolumes() throws {
    let mounts = MountTable.current()
    #expect(mounts.mounts.contains { $0.path == [47] })
    let root = try DirectoryDescriptor.openRoot([47])
    let usage = try root.volumeUsage()
    #expect(usage.size > 0 && usage.used > 0 && usage.used <= usage.size)
    #expect(try !root.fileSystemName(mounts).isEmpty)
  }

  @Test func parsesMountTables() {
    let text = "36 35 98:0 / /mnt/with\\040blank rw,noatime master:1 - ext3 /dev/root rw\nbroken line\n"
    let table = MountTable(parsing: Array(text.utf8))
    #expect(table.mounts.map(\.id) == [36])
    #expect(table.mounts.first?.path == Array("/mnt/with blank".utf8))
    #expect(table.mounts.first?.fileSystem == "ext3")
    #expect(table.mount(of: Array("/mnt/with blank/x".utf8))?.id == 36)
    #expect(table.mount(of: Array("/mnt/with blanket".utf8)) == nil)
  }
}
