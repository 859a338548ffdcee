/// How well a score tells wrong answers from right ones.
public enum ErrorRanking {
    /// The area under the receiver operating characteristic, with wrong answers as positives.
    ///
    /// This is the probability that a wrong answer has a higher score than a right one, equal scores
    /// counting half (Mann and Whitney):
    ///
    ///     AUROC = (Σ_{wrong} rank − W (W + 1) / 2) / (W R)
    ///
    /// with W wrong and R right answers, and ranks from 1 in ascending order of the scores, equal
    /// scores sharing their mean rank. 0.5 is a score that says nothing.
    ///
    /// - Parameters:
    ///   - scores: the uncertainty of each answer; no NaN.
    ///   - isWrong: whether each answer is wrong.
    /// - Returns: from 0 to 1; nil if all answers are right, or all are wrong.
    public static func auroc(_ scores: [Double], isWrong: [Bool]) -> Double? {
        precondition(scores.count == isWrong.count, "a score for each answer")
        let wrong = isWrong.count { $0 }
        let right = isWrong.count - wrong
        guard wrong > 0, right > 0 else { return nil }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        // Twice the ranks, so that all sums are whole numbers.
        var doubled = 0
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            doubled += order[start..<end].count { isWrong[$0] } * (start + end + 1)
            start = end
        }
        return Double(doubled - wrong * (wrong + 1)) / (2 * Double(wrong) * Double(right))
    }
}
