import SwiftletBytes
import SwiftletCheckpoint

extension LanguageModel {
    /// The model with a classification head of zeros in place of its own head, to be trained.
    ///
    /// - Parameter labels: the names of the classes, at least two.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noSuchHead`` for a family without a class of
    ///   models with such a head.
    public func withClassificationHead(labels: [String]) throws(SwiftletError) -> LanguageModel {
        try replacingCheckpoint(by: try resolved.withClassificationHead(labels: labels))
    }
}
