internal import Foundation
internal import Testing

/// A process whose memory ends dies wherever that happens; what it leaves is what any killed process leaves.
struct MemoryTests {
  @Test func whereverMemoryEndsEverythingIsInOnePlace() throws {
    let lab = try Lab()
    // Each attempt on a copy of its own; the limit rises from nothing to enough.
    let outcomes = try lab.run([
      "cp -a runs master; rm -r runs; statuses=; died=0; whole=0; wrong=0",
      """
      for megabytes in 1 4 8 12 16 20 24 28 32 36 40 48 56 64 72 80 96 112 128 160 192 256 512 4096; do
        rm -rf runs && cp -a master runs
        plan -o plan.json > /dev/null || wrong=$((wrong + 1))
        (ulimit -v $((megabytes * 1024)); ulimit -c 0; exec policy apply plan.json) > /dev/null 2>&1
        status=$?
        if [ $status -ge 126 ]; then died=$((died + 1)); fi
        if [ $status = 0 ]; then whole=$((whole + 1)); fi
        policy recover --root runs > /dev/null 2>&1 || wrong=$((wrong + 1))
        for run in alice/exp1 alice/exp2 bob/exp1; do
          places=$(find runs -path '*/best.pt' -newermt 2000-01-01 | wc -l)
          [ $places = 4 ] || wrong=$((wrong + 1))
          if [ $status = 0 ] && [ -e runs/$run ]; then wrong=$((wrong + 1)); fi
        done
        here=$(find runs -name .policy -prune -o -name best.pt -print | wc -l)
        listed=$(policy trash list --root runs --format json | grep -o '"record"' | wc -l)
        [ $((here + listed)) = 4 ] || wrong=$((wrong + 1))
      done
      """,
      "echo died $died, whole $whole, wrong $wrong",
    ])
    let said = outcomes.last?.output ?? ""
    print("24 limits of memory: \(said)", terminator: "")
    let numbers = said.split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 3, "\(outcomes)")
    #expect(numbers[0] > 2, "no limit was too small: \(said)")
    #expect(numbers[1] > 0, "no limit was enough: \(said)")
    #expect(numbers[2] == 0, "\(said)")
  }
}
