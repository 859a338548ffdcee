import SwiftletBytes

/// What a predictions file says about one example of a task with classes or texts.
public struct Answer: Sendable {
    /// The line's `id` as text; nil if it has none.
    public let id: String?
    /// The class: `label`, else `prediction`, else the index of the largest of `probabilities`.
    public let label: String?
    /// The text: `prediction`, else `text`.
    public let text: String?
    /// The slots: `entities`.
    public let entities: [SlotEntity]?
    /// The number of the line in its file, counted from 1.
    public let line: Int

    /// Reads a predictions file.
    ///
    /// - Parameter path: the file; it may be empty.
    /// - Returns: the answers, in file order.
    /// - Throws: no input (66); bad data (65), naming file, line and key.
    public static func read(path: String) throws(SwiftletError) -> [Answer] {
        try TaskLines.read(path: path) { fields, line throws(SwiftletError) in
            try Answer(fields, line: line)
        }
    }

    private init(_ fields: JSONFields, line: Int) throws(SwiftletError) {
        self.line = line
        id = try fields.identifier("id")
        let prediction = try fields.identifier("prediction")
        let probabilities = try fields.elements("probabilities", as: "a probability") { value in
            value.double.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        }
        let given = try fields.identifier("label")
        if let label = given ?? prediction {
            self.label = label
        } else if let probabilities, !probabilities.isEmpty {
            label = String(Accuracy.argmax(probabilities))
        } else {
            label = nil
        }
        let written = try fields.string("text")
        text = prediction ?? written
        entities = fields["entities"] == nil ? nil : try SlotReading.predicted(fields)
    }
}
