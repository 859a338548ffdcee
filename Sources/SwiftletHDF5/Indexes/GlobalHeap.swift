import SwiftletBytes

/// The heap that stores variable-length strings: collections of numbered objects.
struct GlobalHeap {
    /// The objects by number of each collection that has been read.
    private var collections: [UInt64: [Int: ByteView]] = [:]

    /// Returns an object, given the address of its collection and its number there.
    mutating func object(
        at address: UInt64, number: Int, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> ByteView {
        let objects: [Int: ByteView]
        if let known = collections[address] {
            objects = known
        } else {
            objects = try Self.read(at: address, &reader)
            collections[address] = objects
        }
        guard let object = objects[number] else {
            throw SwiftletError(
                .hdf5Heap, "the global heap collection has no object \(number)",
                at: reader.space.place(address))
        }
        return object
    }

    private static func read(
        at address: UInt64, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [Int: ByteView] {
        let what = "a global heap collection"
        let lengthBytes = reader.space.lengthBytes
        let headBytes = 8 + lengthBytes
        var head = try reader.block(at: address, count: headBytes, what)
        try head.expect("GCOL")
        _ = try head.version(1...1)
        try head.skip(3)
        let count = try head.length()
        guard count >= headBytes else {
            throw head.failure(.hdf5Heap, "of \(count) bytes is too small for its header")
        }
        var collection = try reader.block(at: address, count: count, what)
        try collection.skip(headBytes)
        collection.align(to: 8)
        var objects: [Int: ByteView] = [:]
        while collection.remaining >= headBytes {
            let number = try collection.small(2)
            // The reference count and padding.
            try collection.skip(6)
            let size = try collection.length()
            // Object 0 is the free space at the end of the collection.
            if number == 0 { break }
            guard objects.updateValue(try collection.take(size), forKey: number) == nil else {
                throw collection.failure(.hdf5Heap, "has a duplicate object \(number)")
            }
            collection.align(to: 8)
        }
        return objects
    }
}
