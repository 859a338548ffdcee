import SwiftletBytes

/// What two checkpoints have in common and where they part.
public struct CheckpointComparison: Sendable {
    /// Two tensors of one name that are not equal within the tolerances.
    public struct Difference: Sendable {
        /// The name, canonical where both sides have a family.
        public let name: String
        /// The largest |a - b|; infinite where only one side is NaN or infinite; nil where elements
        /// cannot be compared.
        public let maxAbs: Double?
        /// The largest |a - b| / |b|; infinite where b is 0 and a is not; nil as above.
        public let maxRel: Double?
        /// Why there are no numbers: other shapes, or dtypes without arithmetic.
        public let reason: String?
    }

    /// The number of tensors on both sides.
    public let compared: Int
    /// The names that only the first has.
    public let onlyInA: [String]
    /// The names that only the second has.
    public let onlyInB: [String]
    /// The tensors that differ.
    public let differing: [Difference]

    /// Whether both hold the same tensors within the tolerances.
    public var isEqual: Bool { onlyInA.isEmpty && onlyInB.isEmpty && differing.isEmpty }

    /// Compares tensor by tensor: through canonical names when both are of one family (buffers and
    /// repeated tied heads left out), else by the names in the files.
    ///
    /// Elements are equal when |a - b| <= atol + rtol |b|, when both are NaN, or when they are
    /// the same infinity. dtypes may differ.
    ///
    /// - Throws: ``SwiftletError/Code/cancelled``.
    public static func compare(
        _ a: Checkpoint, _ b: Checkpoint, atol: Double = 0, rtol: Double = 0
    ) throws(SwiftletError) -> CheckpointComparison {
        let (left, right) = try sides(a, b)
        var others: [[UInt8]: StoredTensor] = [:]
        for item in right { others[Array(item.name.utf8)] = item.tensor }
        let elements = ElementComparison(atol: atol, rtol: rtol)
        var compared = 0
        var onlyInA: [String] = []
        var differing: [Difference] = []
        for item in left {
            guard let other = others.removeValue(forKey: Array(item.name.utf8)) else {
                onlyInA.append(item.name)
                continue
            }
            compared += 1
            if let difference = try elements.difference(item.tensor, other, name: item.name) {
                differing.append(difference)
            }
        }
        let onlyInB = right.map(\.name).filter { others[Array($0.utf8)] != nil }
        return CheckpointComparison(
            compared: compared, onlyInA: onlyInA, onlyInB: onlyInB, differing: differing)
    }

    private typealias Named = (name: String, tensor: StoredTensor)

    private static func sides(
        _ a: Checkpoint, _ b: Checkpoint
    ) throws(SwiftletError) -> ([Named], [Named]) {
        guard let names = a.names, a.family == b.family else {
            return (a.tensors.map { ($0.name, $0) }, b.tensors.map { ($0.name, $0) })
        }
        return (try canonical(a, names), try canonical(b, names))
    }

    private static func canonical(
        _ checkpoint: Checkpoint, _ names: NameMap
    ) throws(SwiftletError) -> [Named] {
        let named = try NamedTensors(checkpoint, names: names)
        return named.tensors.map { ($0.canonical, $0.tensor) }
            + named.unexpected.map { ($0.name, $0) }
    }

    /// The facts with the keys of `diff --json`.
    public var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { JSONValue(finite: $0) } ?? .null }
        return .object([
            "equal": .bool(isEqual),
            "compared": JSONValue(compared),
            "only_in_a": .array(onlyInA.map { .string($0) }),
            "only_in_b": .array(onlyInB.map { .string($0) }),
            "differing": .array(
                differing.map {
                    var object: JSONObject = [
                        "name": .string($0.name), "max_abs": number($0.maxAbs),
                        "max_rel": number($0.maxRel),
                    ]
                    if let reason = $0.reason { object["reason"] = .string(reason) }
                    return .object(object)
                }),
        ])
    }
}
