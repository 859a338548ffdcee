import SwiftletBytes
import SwiftletLM

extension FineTuneOptions.Batching {
    /// How batches are made for a model.
    func grouping(_ model: LanguageModel) -> BatchOrder.Grouping {
        switch self {
        case .lines: .lines
        case .lengths: .lengths
        case .rows(let tokens):
            .rows(tokens: tokens ?? model.decoder.description.contextLength)
        }
    }
}

extension BatchOrder.Grouping {
    /// The setting as names and values of the run's record; none for the standard one.
    var identity: JSONObject {
        switch self {
        case .lines: [:]
        case .lengths: ["bucket": .bool(true)]
        case .rows(let tokens): ["pack": JSONValue(tokens)]
        }
    }

    /// The most tokens of a micro-batch of a number of rows; nil if micro-batches count examples.
    func tokens(ofRows count: Int?) -> Int? {
        guard case .rows(let tokens) = self, let count else { return nil }
        let product = tokens.multipliedReportingOverflow(by: count)
        return product.overflow ? .max : product.partialValue
    }

    /// What the largest micro-batch of a source can have.
    ///
    /// - Parameters:
    ///   - source: the examples.
    ///   - count: examples per micro-batch, or rows.
    /// - Returns: an upper bound of its tokens and of its rows with a target.
    func largestMicroBatch(of source: any ExampleSource, count: Int) -> (tokens: Int, targets: Int)
    {
        let indices = 0..<source.count
        func most(_ value: (Int) -> Int) -> Int {
            indices.map { UInt32(clamping: value($0)) }.sorted(by: >).prefix(count)
                .reduce(0) { $0 + Int($1) }
        }
        guard let limit = tokens(ofRows: count) else {
            return (most(source.tokenCount), most(source.targetCount))
        }
        let all = indices.reduce(0) { $0 + source.tokenCount(at: $1) }
        let longest = indices.reduce(0) { max($0, source.tokenCount(at: $1)) }
        let tokens = min(all, max(limit, longest))
        return (tokens, min(tokens, indices.reduce(0) { $0 + source.targetCount(at: $1) }))
    }
}
