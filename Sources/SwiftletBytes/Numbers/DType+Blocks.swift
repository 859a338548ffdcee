extension DType {
    /// The number of elements that are stored together, and the size of such a block in bytes; nil for
    /// plain types, whose elements are stored one by one.
    ///
    /// Blocks do not cross rows: the last dimension of a tensor is a multiple of their elements.
    public var block: (elements: Int, bytes: Int)? {
        switch self {
        case .q8_0: (32, 34)
        case .q4_0, .iq4_nl: (32, 18)
        case .q4_1: (32, 20)
        case .q5_0: (32, 22)
        case .q5_1: (32, 24)
        case .q2_k: (256, 84)
        case .q3_k: (256, 110)
        case .q4_k: (256, 144)
        case .q5_k: (256, 176)
        case .q6_k: (256, 210)
        default: nil
        }
    }

    /// The number that ggml and the kernels give to a ``block`` type; nil for plain types.
    package var blockKind: UInt32? {
        switch self {
        case .q4_0: 2
        case .q4_1: 3
        case .q5_0: 6
        case .q5_1: 7
        case .q8_0: 8
        case .q2_k: 10
        case .q3_k: 11
        case .q4_k: 12
        case .q5_k: 13
        case .q6_k: 14
        case .iq4_nl: 20
        default: nil
        }
    }

    /// Returns the number of bytes of a tensor; nil if a length is negative, the size overflows, or its rows
    /// are not whole blocks.
    public func byteCount(shape: [Int]) -> Int? {
        guard let count = StoredTensor.elementCount(of: shape) else { return nil }
        if let block, !(shape.last ?? 1).isMultiple(of: block.elements) { return nil }
        return byteCount(elements: count)
    }
}
