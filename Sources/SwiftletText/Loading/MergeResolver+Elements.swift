import SwiftletBytes

extension MergeResolver {
    /// One half of the elements, for one thread.
    private final class Share: @unchecked Sendable {
        var resolver: MergeResolver
        let bytes: UnsafeRawBufferPointer
        var place: Int
        var read = 0
        var failure: SwiftletError?

        init(_ resolver: MergeResolver, _ bytes: UnsafeRawBufferPointer, place: Int) {
            self.resolver = resolver
            self.bytes = bytes
            self.place = place
        }

        func work() {
            do throws(SwiftletError) {
                read = try resolver.appendAll(of: bytes, place: &place)
            } catch {
                failure = error
            }
        }
    }

    /// Adds the merges at the beginning of `bytes` that have the plain form, each after a comma.
    ///
    /// If there are many, a second thread reads the second half.
    ///
    /// - Parameters:
    ///   - bytes: The elements.
    ///   - place: The index of the next merge.
    /// - Returns: The number of bytes read.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerMerge`` for a token that is not in the
    ///   vocabulary.
    mutating func appendElements(
        of bytes: UnsafeRawBufferPointer, place: inout Int
    ) throws(SwiftletError) -> Int {
        guard let middle = PlainElements.middle(of: bytes) else {
            return try appendAll(of: bytes, place: &place)
        }
        let first = Share(self, UnsafeRawBufferPointer(rebasing: bytes[..<middle]), place: place)
        let second = Share(
            MergeResolver(like: self), UnsafeRawBufferPointer(rebasing: bytes[middle...]), place: 0)
        _ = ThreadTeam.map([first, second], threads: 2) { $0.work() }
        if let failure = first.failure { throw failure }
        self = first.resolver
        place = first.place
        // If anything went wrong, the rest is read again from here, which then reports the error.
        guard first.read == middle, second.failure == nil else { return first.read }
        guard try append(&second.resolver) else { return middle }
        place += second.place
        return middle + second.read
    }

    /// Adds plain merges one after another.
    private mutating func appendAll(
        of bytes: UnsafeRawBufferPointer, place: inout Int
    ) throws(SwiftletError) -> Int {
        guard var elements = PlainElements(bytes, isByteLevel: isByteLevel) else { return 0 }
        reserve(fromBytes: bytes.count)
        while let (left, count) = elements.nextMerge(into: room) {
            try appendRoom(count, left: left, place: place)
            place += 1
        }
        return elements.read
    }
}
