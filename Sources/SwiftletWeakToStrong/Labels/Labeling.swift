import SwiftletBytes
import SwiftletTuning

/// Writes labels to a file, batch by batch, so that a run that was stopped or killed is continued.
///
/// Which examples are computed together depends on the data alone, so the file is bit-identical
/// whether or not it was interrupted.
public struct Labeling {
    /// The file.
    public let output: String
    /// Whether to continue a partial file.
    public let resumes: Bool

    /// Labels what the file does not have yet.
    ///
    /// - Parameters:
    ///   - output: the file; its folder exists.
    ///   - resumes: whether to continue a partial file, and to accept a complete one.
    /// - Throws: cannot create (73) when a file is there that is not to be continued.
    public init(output: String, resumes: Bool) throws(SwiftletError) {
        try LabelOutput.check(output, resumes: resumes)
        self.output = output
        self.resumes = resumes
    }

    /// What a run did.
    public struct Result: Sendable, Equatable {
        /// The number of examples.
        public let examples: Int
        /// The number of examples that this run labelled.
        public let labelled: Int
        /// The number of texts that were cut to fit the context.
        public var cut = 0
    }

    /// Runs to the end, or until told to stop.
    ///
    /// - Parameters:
    ///   - identity: what the labels are a function of, as names and values.
    ///   - batches: consecutive ranges of examples, from 0.
    ///   - shouldStop: asked before each batch.
    ///   - onProgress: called with the number of examples that have labels.
    ///   - label: the lines of a batch.
    /// - Returns: what was done.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/otherLabels``; the errors of writing;
    ///   `SwiftletError.Code.stoppedBySignal`; what `label` throws.
    func run(
        identity: JSONObject, batches: [Range<Int>], shouldStop: () -> FineTuner.Stop?,
        onProgress: (Int) -> Void,
        label: (Range<Int>) throws(SwiftletError) -> [JSONObject]
    ) throws(SwiftletError) -> Result {
        let total = batches.last?.upperBound ?? 0
        if try LabelOutput.isComplete(output, run: identity) {
            return Result(examples: total, labelled: 0)
        }
        var file = try LabelOutput(output, run: identity)
        // A batch is computed whole or not at all.
        let done = batches.last { $0.upperBound <= file.count }?.upperBound ?? 0
        try file.keep(done)
        onProgress(done)
        for batch in batches where batch.lowerBound >= done {
            if let stop = shouldStop() {
                throw SwiftletError(
                    stop == .interrupted ? .stoppedBySignal : .stoppedByTermination, file: output,
                    "stopped; \(batch.lowerBound) of \(total) labels are saved",
                    hint: "continue with the same command and --resume")
            }
            try file.append(try label(batch))
            onProgress(batch.upperBound)
        }
        try file.commit()
        return Result(examples: total, labelled: total - done)
    }
}
