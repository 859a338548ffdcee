import SwiftletBytes

/// The shape of a dataset or attribute.
struct Dataspace {
    /// The dimensions, slowest varying first; empty for a scalar, `[0]` for a null dataspace, which
    /// has no elements.
    let shape: [Int]
    /// The maximum size of each dimension; nil if it is unlimited.
    let limits: [Int?]
    /// The number of elements.
    let elementCount: Int

    init(_ fields: inout FieldReader) throws(SwiftletError) {
        let version = try fields.version(1...2)
        let rank = try fields.small()
        let flags = try fields.small()
        let kind = try fields.small()
        if version == 1 { try fields.skip(4) }
        guard rank <= 32 else {
            throw fields.failure(.hdf5Dataspace, "has \(rank) dimensions, over the limit of 32")
        }
        if version == 2, kind > 2 { throw fields.unknown("kind", kind) }
        let isNull = version == 2 && kind == 2
        if version == 2, kind != 1, rank > 0 {
            throw fields.failure(.hdf5Dataspace, "is not an array but has \(rank) dimensions")
        }
        var shape: [Int] = []
        for _ in 0..<rank { shape.append(try fields.length()) }
        var limits: [Int?] = shape
        if flags & 1 != 0 {
            let unlimited = UInt64.max >> UInt64(64 - 8 * fields.space.lengthBytes)
            for axis in 0..<rank {
                let limit = try fields.number(fields.space.lengthBytes)
                guard limit == unlimited || limit >= UInt64(shape[axis]) else {
                    throw fields.failure(
                        .hdf5Dataspace,
                        "has a dimension of \(shape[axis]) over its maximum of \(limit)")
                }
                limits[axis] = limit == unlimited ? nil : Int(exactly: limit)
            }
        }
        guard let count = StoredTensor.elementCount(of: shape) else {
            throw fields.failure(.hdf5Dataspace, "has an element count that overflows")
        }
        self.shape = isNull ? [0] : shape
        self.limits = isNull ? [0] : limits
        elementCount = isNull ? 0 : count
    }
}
