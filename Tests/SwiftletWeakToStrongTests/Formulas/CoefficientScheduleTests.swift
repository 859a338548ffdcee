import SwiftletWeakToStrong
import Testing

@Suite struct CoefficientScheduleTests {
    @Test func `the auxiliary coefficient grows linearly and stays`() {
        let values = [0.0, 10, 20, 100].map {
            CoefficientSchedule.auxiliary(step: $0, total: 100, maximum: 0.5, ramp: 0.2)
        }
        #expect(values == [0, 0.25, 0.5, 0.5])
    }

    @Test func `a ramp of 0 starts at the maximum`() {
        #expect(CoefficientSchedule.auxiliary(step: 0, total: 9, maximum: 0.5, ramp: 0) == 0.5)
    }

    @Test func `the regularizer counts epochs`() {
        let values = [0.0, 8, 40, 99].map {
            CoefficientSchedule.regularizer(
                step: $0, stepsPerEpoch: 4, maximum: 1, annealing: 10)
        }
        #expect(values == [0, 0.2, 1, 1])
    }
}
