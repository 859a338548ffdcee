import SwiftletBytes

/// Predicted slots by utterance or by recording, in the form of SLURP's published predictions.
public struct SLURPPredictions: Sendable {
    /// What a prediction is for.
    public enum Unit: String, Sendable, CaseIterable {
        /// An utterance, by its `slurp_id`.
        case utterance = "slurp_id"
        /// A recording, by its `file`; every recording of an utterance has the same gold slots.
        case recording = "file"
    }

    /// What the predictions are for; nil without any prediction.
    public let unit: Unit?
    /// The number of lines.
    public let lineCount: Int
    private var entities: [ExactText: [SlotEntity]] = [:]

    /// Reads predictions: a line `{"slurp_id" or "file", "entities":[{"type","filler"}]}` each.
    ///
    /// The first line decides on the unit: the recording if it has a `file`. Of several lines for
    /// one unit the last counts; other keys are ignored.
    ///
    /// - Parameter path: the file; it may be empty.
    /// - Throws: no input (66); bad data (65), naming file, line and key.
    public init(path: String) throws(SwiftletError) {
        var unit: Unit?
        let lines = try TaskLines.read(path: path) { fields, _ throws(SwiftletError) in
            let present = unit ?? (fields["file"] == nil ? .utterance : .recording)
            let key = present.rawValue
            let name =
                present == .utterance ? try fields.identifier(key) : try fields.string(key)
            guard let name else {
                throw fields.failure(
                    key, unit == nil ? "has neither \"slurp_id\" nor \"file\"" : "missing key")
            }
            unit = present
            return (ExactText(name), try SlotReading.predicted(fields))
        }
        for (name, prediction) in lines { entities[name] = prediction }
        self.unit = unit
        lineCount = lines.count
    }

    /// The prediction for a unit; nil if there is none.
    public subscript(name: String) -> [SlotEntity]? { entities[ExactText(name)] }

    /// The number of units that have a prediction.
    public var count: Int { entities.count }
}
