import SwiftletBytes

// Persistent identifiers, by which a pickle refers to storages elsewhere in the file.
extension PickleMachine {
    /// Returns the storage that an identifier refers to.
    ///
    /// An identifier is `("storage", class, key, location, count)`. In the stream format it has a
    /// sixth item: None, or `(key, offset, count)` for a part of the storage. The location of the
    /// storage when it was saved (`"cpu"`, `"cuda:0"`) is ignored.
    ///
    /// - Parameter identifier: The value that BINPERSID took from the stack.
    /// - Returns: The storage, or the part of it.
    /// - Throws: ``SwiftletError`` if the identifier is malformed or its data are not in the file.
    mutating func loadStorage(_ identifier: PickleValue) throws(SwiftletError) -> PickleValue {
        guard case .tuple(let index) = identifier, let first = heap.tuples[Int(index)].items.first,
            isText(first, "storage")
        else {
            throw SwiftletError(.torchStorage, "a persistent identifier is not that of a storage")
        }
        let items = heap.tuples[Int(index)].items
        switch storages.source {
        case .nowhere:
            throw SwiftletError(.torchStorage, "a storage is used outside the main pickle")
        case .records(let archive, let order):
            guard items.count == 5 else { throw wrongCount(items.count) }
            return .storage(try record(items, archive, order))
        case .stream:
            guard items.count == 6 else { throw wrongCount(items.count) }
            let root = try streamed(items)
            if case .none = items[5] { return .storage(root) }
            return .storage(try part(items[5], of: root))
        }
    }

    private func wrongCount(_ count: Int) -> SwiftletError {
        SwiftletError(.torchStorage, "a storage identifier has \(count) items")
    }

    /// Returns the storage whose data are the record `data/KEY`.
    private mutating func record(
        _ items: [PickleValue], _ archive: ZipArchive, _ order: StorageTable.ByteOrder
    ) throws(SwiftletError) -> UInt32 {
        let key = try storageKey(items[2])
        let element = try element(items[1], untyped: .uint8)
        if let known = storages.index(of: key) { return known }
        let byteCount = try size(of: items[4], element, key)
        guard let bytes = archive["data/\(key.description)"] else {
            throw SwiftletError(
                .torchStorageMissing, "missing record of storage \"\(key.description)\"")
        }
        guard bytes.count == byteCount else {
            throw SwiftletError(
                .torchStorageSize,
                "storage \"\(key.description)\" has \(bytes.count) bytes, the pickle declares "
                    + "\(byteCount)")
        }
        var storage = TorchStorage(key: key, element: element, byteCount: byteCount, bytes: bytes)
        if order == .big, element.swappedBytes > 1 {
            // The copy is as long as the record, and each record is swapped only once.
            storage.bytes = OwnedTensorBytes.swapped(bytes, width: element.swappedBytes)
        }
        return storages.add(storage)
    }

    /// Returns a storage whose data follow the pickles.
    private mutating func streamed(_ items: [PickleValue]) throws(SwiftletError) -> UInt32 {
        let key = try storageKey(items[2])
        let element = try element(items[1], untyped: nil)
        if let known = storages.index(of: key) { return known }
        let byteCount = try size(of: items[4], element, key)
        return storages.add(TorchStorage(key: key, element: element, byteCount: byteCount))
    }

    /// Returns a part of a storage, which has its own key.
    private mutating func part(
        _ value: PickleValue, of root: UInt32
    ) throws(SwiftletError) -> UInt32 {
        guard let items = heap.sequence(value), items.count == 3,
            let offset = items[1].index, let count = items[2].index
        else { throw SwiftletError(.torchStorage, "malformed reference to a part of a storage") }
        let key = try storageKey(items[0])
        if let known = storages.index(of: key) { return known }
        let whole = storages[root]
        let size = whole.element.dtype?.byteCount ?? 1
        let (start, startOverflow) = offset.multipliedReportingOverflow(by: size)
        let (length, lengthOverflow) = count.multipliedReportingOverflow(by: size)
        guard !startOverflow, !lengthOverflow, start >= 0, length >= 0, start <= whole.byteCount,
            length <= whole.byteCount - start
        else {
            throw SwiftletError(
                .torchStorageSize,
                "part \"\(key.description)\" exceeds storage \"\(whole.key.description)\"")
        }
        // A part of a part refers to the whole storage.
        let parent = whole.parent.map { ($0.index, $0.offset + start) } ?? (root, start)
        try pay(for: key)
        return storages.add(
            TorchStorage(key: key, element: whole.element, byteCount: length, parent: parent))
    }

    func storageKey(_ value: PickleValue) throws(SwiftletError) -> StorageKey {
        switch value {
        case .text(let range):
            guard range.count <= StorageKey.lengthLimit else {
                throw SwiftletError(
                    .torchStorage,
                    "a storage key of \(range.count) bytes exceeds the limit of "
                        + "\(StorageKey.lengthLimit)")
            }
            return .text(source[range.range].copy())
        case .int(let number): return .number(number)
        default:
            throw SwiftletError(
                .torchStorage, "a storage key must be a string, found \(value.kind)")
        }
    }

    /// Returns the element type implied by the class in an identifier.
    private func element(
        _ value: PickleValue, untyped: ElementType?
    ) throws(SwiftletError) -> ElementType {
        switch value.meaning {
        case .storage(let type): return type
        case .untypedStorage:
            guard let untyped else {
                throw SwiftletError(
                    .torchStorage, "untyped storages are not allowed in the stream format")
            }
            return untyped
        default:
            throw SwiftletError(.torchStorage, "\(value.kind) is not a storage class")
        }
    }

    /// Returns the size in bytes of a storage of `count` elements.
    private mutating func size(
        of count: PickleValue, _ element: ElementType, _ key: StorageKey
    ) throws(SwiftletError) -> Int {
        guard let size = element.dtype?.byteCount else {
            throw SwiftletError(
                .torchElementType,
                "the element type torch.\(element.rawValue) of storage \"\(key.description)\" "
                    + "is not supported")
        }
        guard let count = count.index, count >= 0,
            case let (bytes, overflow) = count.multipliedReportingOverflow(by: size), !overflow
        else {
            throw SwiftletError(
                .torchStorageSize,
                "storage \"\(key.description)\" declares an impossible element count")
        }
        try pay(for: key)
        return bytes
    }

    private mutating func pay(for key: StorageKey) throws(SwiftletError) {
        if case .text(let bytes) = key { try heap.budget.charge(bytes.count) }
        try heap.budget.charge(2 * MemoryLayout<TorchStorage>.stride)
    }
}
