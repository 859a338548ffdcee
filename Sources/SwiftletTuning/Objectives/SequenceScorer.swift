import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// Computes the log-probabilities of the labels of whole sequences.
struct SequenceScorer {
    private let scorer: Scorer

    init(_ decoder: TransformerDecoder, _ context: ComputeContext) {
        scorer = Scorer(decoder, context: context)
    }

    /// Scores examples with one label per token, in one batch.
    ///
    /// - Returns: for each example the sum over the labels of each of its sequences.
    /// - Throws: the errors of `Scorer`; ``SwiftletBytes/SwiftletError/Code/example`` for an example
    ///   with other targets.
    func logProbabilities(_ examples: [TrainingExample]) throws(SwiftletError) -> [[Double]] {
        let batch = TrainingBatch(examples) { _ in 1 }
        let rows = try scorer.logProbabilities(
            batch.tokens, rows: batch.rows, targets: try batch.labels)
        return batch.exampleSequences.map { sequences in
            sequences.map { rows[batch.sequenceRows[$0]].reduce(0, +) }
        }
    }
}
