import SwiftletBytes

/// The filters that were applied to each chunk before it was stored, in order of application.
struct FilterPipeline {
    /// One step.
    struct Step {
        let number: Int
        let values: [Int]
    }

    var steps: [Step] = []

    /// No filters.
    init() {}

    init(_ fields: inout FieldReader) throws(SwiftletError) {
        let version = try fields.version(1...2)
        let count = try fields.small()
        guard count <= 32 else {
            throw fields.failure(.hdf5Pipeline, "has \(count) filters, over the limit of 32")
        }
        if version == 1 { try fields.skip(6) }
        for _ in 0..<count {
            let number = try fields.small(2)
            let nameLength = version == 1 || number >= 256 ? try fields.small(2) : 0
            // Whether the step is optional.
            try fields.skip(2)
            let valueCount = try fields.small(2)
            try fields.skip(version == 1 ? (nameLength + 7) / 8 * 8 : nameLength)
            var values: [Int] = []
            for _ in 0..<valueCount { values.append(try fields.small(4)) }
            if version == 1, valueCount % 2 == 1 { try fields.skip(4) }
            steps.append(Step(number: number, values: values))
        }
    }
}
