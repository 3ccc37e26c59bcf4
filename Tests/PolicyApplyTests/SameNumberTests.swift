import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// Inode numbers are used again at once by most file systems; that makes no other thing the one that was planned.
@Suite struct SameNumberTests {
  /// An ext4 of its own where that can be mounted, so that nobody else takes the number; else the ordinary place.
  private func stage() -> (TestRoot, FileSystemTests.Image?) {
    let image = FileSystemTests.Image(16, "an ext4 of its own", make: ["mkfs.ext4", "-q"])
    return (image.map { TestRoot(at: $0.place) } ?? TestRoot(), image)
  }

  /// Removes a thing and makes it again until it gets the number back; false where this file system never does.
  private func again(_ path: String, _ make: () -> Void) -> Bool {
    guard let before = Disk.status(path) else { return false }
    for _ in 0..<20 {
      shell("rm", ["-r", path])
      make()
      if Disk.status(path)?.st_ino == before.st_ino { return true }
    }
    return false
  }

  @Test func aCheckpointOfTheSameNumberSizeAndTimeIsAnother() throws {
    let (root, image) = stage()
    root.run("exp1")
    let name = "exp1/weights/last.pt"
    let path = root.path + "/" + name
    func make(_ text: String) {
      shell("touch", [path])
      Disk.append(path, text)
      shell("touch", ["-d", "2024-01-01", path])
    }
    Disk.remove(path)
    make("last of exp1")
    let action = try root.trash(name, kind: .checkpoint)
    guard again(path, { make("LAST of exp1") }) else {
      return RootOnly.notShown("a number used again", "this file system does not do that")
    }
    let (now, then) = (try root.identity(name), try #require(action.expect))
    #expect(now.inode == then.inode && now.size == then.size && now.modified == then.modified)
    let outcome = root.apply([action])
    #expect(outcome.status == .partial)
    #expect(root.text(name) == "LAST of exp1")
    // Even where all stamps are the same but that of birth.
    if let born = then.born {
      var forged = now
      forged.born = born
      #expect(now.born != born)
      var late = action
      late.expect = forged
      root.digestSeed += 1
      #expect(reason(root.apply([late])) == "it is another file than the one that was planned")
    }
    withExtendedLifetime(image) {}
  }

  @Test func aRunOfTheSameNumberIsAnother() throws {
    let (root, image) = stage()
    let model = root.base + "/model"
    root.run("model")
    Disk.move(root.path + "/model", model)
    let path = root.path + "/exp1"
    shell("cp", ["-r", model, path])
    let action = try root.trash("exp1")
    guard again(path, { shell("cp", ["-r", model, path]) }) else {
      return RootOnly.notShown("a number used again", "this file system does not do that")
    }
    #expect(try root.identity("exp1").inode == action.expect?.inode)
    #expect(root.apply([action]).status == .partial)
    #expect(root.text("exp1/weights/best.pt") == "best of model")
    withExtendedLifetime(image) {}
  }

  /// A trainer writes the next checkpoint while an old one is being moved.
  @Test func aSiblingMadeMeanwhileStopsNoCheckpoint() throws {
    let root = TestRoot()
    root.run("exp1", files: ["weights/epoch100.pt": "100", "weights/epoch200.pt": "200"])
    let action = try root.trash("exp1/weights/epoch100.pt", kind: .checkpoint)
    root.write("exp1/weights/epoch300.pt", "300")
    let path = root.path
    let changes = FileChanges(fault: { call in
      if call.name == "renameat2" { Disk.write(path + "/exp1/weights/epoch400.pt", Array("400".utf8)) }
      return nil
    })
    #expect(root.apply([action], changes).status == .done)
    #expect(!root.exists("exp1/weights/epoch100.pt"))
    for number in [200, 300, 400] { #expect(root.text("exp1/weights/epoch\(number).pt") == "\(number)") }
  }
}
