import Testing

@testable import SwiftletLM

/// How the sequences of a beam search are ranked that the limit cut off.
@Suite struct BeamRankingTests {
    /// A search of two beams and two steps, in which one sequence ends at once with a low sum.
    private static func best(prefersEnded: Bool) throws -> [BeamSearch.Hypothesis] {
        var options = BeamOptions(beamCount: 2, returnCount: 2)
        options.prefersEnded = prefersEnded
        var search = BeamSearch(options, stopTokens: [9], maxNewTokens: 2)
        let steps: [[BeamSearch.Candidate]] = [
            [
                .init(beam: 0, id: 1, sum: -1), .init(beam: 0, id: 9, sum: -5),
                .init(beam: 0, id: 2, sum: -6), .init(beam: 0, id: 3, sum: -7),
            ],
            [
                .init(beam: 0, id: 4, sum: -1.5), .init(beam: 0, id: 5, sum: -2),
                .init(beam: 1, id: 6, sum: -9), .init(beam: 1, id: 7, sum: -10),
            ],
        ]
        for step in steps { _ = try search.advance(step) { _ in false } }
        #expect(search.isOver)
        return Array(search.best)
    }

    @Test func scoresDecideAsInTheReference() throws {
        let best = try Self.best(prefersEnded: false)
        #expect(best.map(\.ids) == [[1, 4], [1, 5]])
        #expect(best.map(\.score) == [-0.75, -1])
    }

    @Test func endedSequencesComeFirstOnRequest() throws {
        let best = try Self.best(prefersEnded: true)
        #expect(best.map(\.ids) == [[9], [1, 4]])
        #expect(best.map(\.isEnded) == [true, false])
    }
}
