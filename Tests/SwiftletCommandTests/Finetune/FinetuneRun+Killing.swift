import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension FinetuneRun {
    /// Makes the result `whole`, and the result `killed` by a run that is killed at random moments
    /// and resumed until it ends.
    ///
    /// - Parameters:
    ///   - options: more options of both.
    ///   - seed: decides on the moments.
    ///   - shares: how much of the time of the whole run passes before a kill: short enough that
    ///     the run takes several.
    /// - Returns: the number of kills.
    /// - Throws: the errors of running the program.
    func runKilled(_ options: [String] = [], seed: UInt64, shares: ClosedRange<Double> = 0.05...0.3)
        throws -> Int
    {
        let clock = ContinuousClock()
        let length = try clock.measure { try Tool.run(arguments("whole", options)).succeeded() }
        var random = SplitMix64(seed: seed)
        var kills = 0
        for attempt in 0..<40 {
            let process = try Tool.start(arguments("killed", options + ["--resume"]))
            // The last ones may end.
            if attempt < 30 {
                let share = Double(random.next() % 1000) / 1000
                let pause = shares.lowerBound + share * (shares.upperBound - shares.lowerBound)
                Thread.sleep(forTimeInterval: length / .seconds(1) * pause)
                process.signal(SIGKILL)
            }
            let outcome = try process.wait()
            if outcome.status == 0 { break }
            #expect(outcome.status == 128 + SIGKILL, "\(outcome.errors)")
            kills += 1
        }
        #expect(kills >= 2, "the run ended before it was killed often enough")
        #expect(try timelessLog("killed") == timelessLog("whole"))
        #expect(try leftovers("killed") == [])
        return kills
    }
}
