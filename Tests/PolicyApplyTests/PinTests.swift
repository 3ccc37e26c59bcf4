import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Testing

@testable import PolicyApply

/// A pin holds from the moment it is made.
@Suite struct PinTests {
  let root = TestRoot()

  @Test func aPinMadeAfterThePlanHolds() throws {
    for name in ["exp1", "exp2", "exp3"] { root.run(name) }
    let actions = [try root.trash("exp1"), try root.trash("exp2"), try root.trash("exp3")]
    let place = ByteString(root.path + "/exp1")
    #expect(Pins.pin(place, because: "the paper", roots: [root.root], options: root.options()).status == .done)
    let inside = ByteString(root.path + "/exp2/weights/best.pt")
    #expect(Pins.pin(inside, because: "this one", roots: [root.root], options: root.options()).status == .done)
    let outcome = root.apply(actions)
    #expect(reason(outcome, 0) == "it is pinned: the paper")
    #expect(reason(outcome, 1) == "something in it is pinned: this one")
    #expect(reason(outcome, 2) == "done")
    #expect(Pins.unpin(place, roots: [root.root], options: root.options()).status == .done)
    #expect(Pins.unpin(place, roots: [root.root], options: root.options()).status == .nothingChecked)
    root.digestSeed += 1
    #expect(reason(root.apply([try root.trash("exp1")])) == "done")
  }

  @Test func pinsFollowTheInodeAndNotTheName() throws {
    root.run("exp1")
    _ = Pins.pin(ByteString(root.path + "/exp1"), because: "x", roots: [root.root], options: root.options())
    Disk.move(root.path + "/exp1", root.path + "/exp9")
    root.run("exp1")
    let outcome = root.apply([try root.trash("exp1"), try root.trash("exp9")])
    #expect(reason(outcome, 0) == "done")
    #expect(reason(outcome, 1) == "it is pinned: x")
  }

  @Test func aPinOnWhatIsGoneCanBeTakenBack() throws {
    root.run("exp1")
    let place = ByteString(root.path + "/exp1")
    #expect(Pins.pin(place, because: "x", roots: [root.root], options: root.options()).status == .done)
    Disk.move(root.path + "/exp1", root.path + "/exp9")
    let answer = Pins.unpin(place, roots: [root.root], options: root.options())
    #expect(answer.status == .done && answer.message.hasSuffix("is taken back, wherever the thing is now"))
    let again = Pins.unpin(place, roots: [root.root], options: root.options())
    #expect(again.status == .nothingChecked && again.message.hasSuffix("exp1: no such file or directory"), "\(again)")
    #expect(reason(root.apply([try root.trash("exp9")])) == "done")
  }

  @Test func pinsThatCannotBeReadHoldEverything() throws {
    root.run("exp1")
    _ = Pins.pin(ByteString(root.path + "/exp1"), because: "x", roots: [root.root], options: root.options())
    let file = root.path + "/.policy/\(root.uid)/pins"
    Disk.append(file, "{broken")
    root.run("exp2")
    #expect(reason(root.apply([try root.trash("exp2")])) == "the pins cannot be read")
  }
}
