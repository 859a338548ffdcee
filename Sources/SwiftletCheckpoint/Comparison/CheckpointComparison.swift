import SwiftletBytes

/// The differences between two checkpoints.
public struct CheckpointComparison: Sendable {
    /// Two tensors with the same name that are not equal within the tolerances.
    public struct Difference: Sendable {
        /// The name, canonical if both checkpoints are of the same family.
        public let name: String
        /// The largest |a - b|, infinite if a NaN or an infinity meets another value; nil if the
        /// elements cannot be compared.
        public let maxAbs: Double?
        /// The largest |a - b| / |b|, infinite if b is 0 and a is not; nil like ``maxAbs``.
        public let maxRel: Double?
        /// Why the elements cannot be compared: different shapes, or dtypes without arithmetic.
        public let reason: String?
    }

    /// The number of tensors that both have.
    public let compared: Int
    /// The names that only the first has.
    public let onlyInA: [String]
    /// The names that only the second has.
    public let onlyInB: [String]
    /// The tensors that differ.
    public let differing: [Difference]

    /// Whether both have the same tensors within the tolerances.
    public var isEqual: Bool { onlyInA.isEmpty && onlyInB.isEmpty && differing.isEmpty }

    /// Compares two checkpoints tensor by tensor: by canonical names if both are of the same family
    /// (without buffers and tied heads stored twice), otherwise by the names in the files.
    ///
    /// Elements are equal if |a - b| <= atol + rtol |b|, if both are NaN, or if they are the same
    /// infinity. The dtypes may differ.
    ///
    /// - Parameters:
    ///   - a: the first checkpoint.
    ///   - b: the second checkpoint.
    ///   - atol: the absolute tolerance.
    ///   - rtol: the tolerance relative to the second checkpoint's elements.
    /// - Returns: the tensors that only one of the two has, and those that differ.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cancelled``, and the errors of reading
    ///   tensors.
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
}
