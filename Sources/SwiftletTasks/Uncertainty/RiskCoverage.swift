/// What is gained by answering only where a score of uncertainty is low.
///
/// With answers in ascending order of uncertainty, the coverage k / n is the share of the first k
/// answers, and its risk the share of wrong ones among these. Of answers with equal uncertainty any
/// order is as good as another, so the risk is its expectation over all of them: within a group of m
/// answers of which e are wrong, the first j count j e / m errors.
public struct RiskCoverage: Sendable, Equatable {
    /// The risk of the first k answers, for k from 1 to n.
    public let risks: [Double]

    /// Computes the curve.
    ///
    /// - Parameters:
    ///   - uncertainty: of each answer; no NaN.
    ///   - isWrong: whether each answer is wrong.
    public init(_ uncertainty: [Double], isWrong: [Bool]) {
        precondition(uncertainty.count == isWrong.count, "an uncertainty for each answer")
        let order = uncertainty.indices.sorted { uncertainty[$0] < uncertainty[$1] }
        var risks: [Double] = []
        var errors = 0
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, uncertainty[order[end]] == uncertainty[order[start]] {
                end += 1
            }
            let wrong = order[start..<end].count { isWrong[$0] }
            for count in 1...(end - start) {
                let expected = Double(wrong) * Double(count) / Double(end - start)
                risks.append((Double(errors) + expected) / Double(start + count))
            }
            errors += wrong
            start = end
        }
        self.risks = risks
    }

    /// The area under the curve, AURC: the mean of the risks over k from 1 to n (Geifman and
    /// El-Yaniv); nil without answers.
    ///
    /// A score that says nothing has the share of wrong answers.
    public var area: Double? {
        risks.isEmpty ? nil : risks.reduce(0, +) / Double(risks.count)
    }

    /// The risk at a coverage from 0 to 1, rounded up to whole answers; nil without answers.
    public func risk(at coverage: Double) -> Double? {
        guard !risks.isEmpty else { return nil }
        let count = (coverage * Double(risks.count)).rounded(.up)
        return risks[min(max(Int(count), 1), risks.count) - 1]
    }
}
