import SwiftletBytes

/// The probabilities that a weak model gives the classes of one example.
public struct ClassLabel: LabelLine, Equatable {
    /// What is classified.
    public let input: LabelInput
    /// One probability per class, with the sum 1 within ``tolerance``; at least two.
    public let probabilities: [Double]
    /// Who said it; nil if unknown.
    public let model: LabelModel?

    /// How far a sum of probabilities may be from 1.
    public static let tolerance = 1e-3

    /// Creates a label.
    public init(input: LabelInput, probabilities: [Double], model: LabelModel? = nil) {
        self.input = input
        self.probabilities = probabilities
        self.model = model
    }

    /// Reads the keys of a line.
    public init(_ line: LabelFields) throws(SwiftletError) {
        let fields = line.fields
        input = try LabelInput(fields)
        let given = try fields.required("probabilities") { (key) throws(SwiftletError) in
            try fields.elements(key, as: "a probability") { value -> Double? in
                value.double.flatMap { $0 >= 0 && $0.isFinite ? $0 : nil }
            }
        }
        guard given.count >= 2 else {
            throw fields.failure("probabilities", "there are fewer than two classes")
        }
        let sum = given.reduce(0, +)
        guard abs(sum - 1) <= Self.tolerance else {
            throw fields.failure("probabilities", "the sum is \(sum), not 1")
        }
        probabilities = given
        model = try line.model
    }

    /// The line as JSON.
    public var object: JSONObject {
        var object: JSONObject = [:]
        switch input {
        case .text(let text): object.append("text", .string(text))
        case .ids(let ids): object.append("ids", JSONValue(ids.map { Int($0) }))
        }
        object.append("probabilities", .array(probabilities.map { JSONValue(finite: $0) }))
        if let model { object.append("model", model.json) }
        return object
    }

    /// Whether both are labels of the same text or tokens.
    public func isExample(of other: ClassLabel) -> Bool { input == other.input }

    /// The number of probabilities.
    public var classCount: Int? { probabilities.count }

    /// The label with all probability on the most probable class, of equal ones the lowest.
    public var hardened: ClassLabel {
        let best = probabilities.indices.min {
            (probabilities[$1], $0) < (probabilities[$0], $1)
        }
        return ClassLabel(
            input: input, probabilities: probabilities.indices.map { $0 == best ? 1 : 0 },
            model: model)
    }
}
