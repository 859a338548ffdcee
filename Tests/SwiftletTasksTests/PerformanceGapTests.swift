import SwiftletTasks
import Testing

@Suite struct PerformanceGapTests {
    /// Table 2 of the paper: GPT2-Large .816 with a weak metric of .717 and a ceiling of .898.
    @Test func `a row of the paper's Table 2`() throws {
        let gap = try #require(PerformanceGap.recovered(by: 0.816, weak: 0.717, ceiling: 0.898))
        #expect(abs(gap - 0.547) < 5e-4)
    }

    /// Table 2, Bayesian with the auxiliary loss: .855, printed as .781.
    @Test func `the mean over weak models is not the gap from their mean`() throws {
        let weak = [0.717, 0.699, 0.685]
        let gap = try #require(PerformanceGap.recovered(by: 0.855, weak: weak, ceiling: 0.898))
        #expect(abs(gap - 0.781) < 2e-3)
    }

    @Test func `a gap of 0 is undefined`() {
        #expect(PerformanceGap.recovered(by: 0.5, weak: 0.7, ceiling: 0.7) == nil)
        #expect(PerformanceGap.recovered(by: 0.5, weak: [0.6, 0.7], ceiling: 0.7) == nil)
        #expect(PerformanceGap.recovered(by: 0.5, weak: [], ceiling: 0.7) == nil)
    }
}
