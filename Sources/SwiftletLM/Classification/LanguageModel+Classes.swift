import SwiftletBytes
import SwiftletCheckpoint

extension LanguageModel {
    /// Puts a classification head of zeros, to be trained, in place of the model's own head.
    ///
    /// - Parameter labels: the names of the classes, at least two.
    /// - Returns: a copy of the model with the new head.
    /// - Throws: `SwiftletError.Code.noSuchHead` for a family without a class of
    ///   models with such a head.
    public func withClassificationHead(labels: [String]) throws(SwiftletError) -> LanguageModel {
        try replacingCheckpoint(by: try resolved.withClassificationHead(labels: labels))
    }
}
