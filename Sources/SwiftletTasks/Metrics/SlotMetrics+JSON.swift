import SwiftletBytes

extension SlotMetrics {
    /// The counts: `{"word":{"tp","fp","fn"},"char":…,"entity":…}`.
    package var countsJSON: JSONObject {
        ["word": word.json, "char": character.json, "entity": entity.json]
    }
}

extension SlotCounts {
    /// `{"tp","fp","fn"}`.
    fileprivate var json: JSONValue {
        .object([
            "tp": JSONValue(finite: truePositives), "fp": JSONValue(finite: falsePositives),
            "fn": JSONValue(finite: falseNegatives),
        ])
    }
}
