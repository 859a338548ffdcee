import SwiftletBytes

/// The stream format, used before PyTorch 1.6: five consecutive pickles, then the data of each
/// storage.
enum StreamForm {
    /// 0x1950a86a20f9469cfc6c in little-endian bytes, as written by pickle protocols 2 and later.
    private static let magic: [UInt8] = [
        0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
    ]
    /// The same number in decimal digits, as written by protocols 0 and 1.
    private static let magicDigits = Array("L119547037146038801333356".utf8)
    private static let version = 1001

    /// Reads all pickles and locates the data of the storages.
    ///
    /// - Parameter view: The whole file.
    /// - Returns: The main value, with the machine that owns its contents.
    /// - Throws: ``SwiftletError`` with a `torch.…` code if the file is malformed.
    static func read(_ view: ByteView) throws(SwiftletError) -> (PickleMachine, PickleValue) {
        var machine = PickleMachine(
            source: view,
            heap: PickleHeap(
                budget: MemoryBudget(fileOf: view.count, floor: MemoryBudget.valueFloor)),
            storages: StorageTable(source: .nowhere))
        try readMagic(&machine, view)
        guard case .int(version) = try machine.run() else {
            throw SwiftletError(.torchStream, "the version of the stream is not \(version)")
        }
        // The type sizes and byte order of the writing machine, which the reference ignores.
        _ = try machine.run()
        machine.storages.source = .stream
        let value = try machine.run()
        machine.storages.source = .nowhere
        let list = try machine.run()
        guard let keys = machine.heap.sequence(list) else {
            throw SwiftletError(
                .torchStream, "the pickle after the main one is not a list of storage keys")
        }
        try readStorages(keys, &machine, view)
        return (machine, value)
    }

    private static func readMagic(
        _ machine: inout PickleMachine, _ view: ByteView
    ) throws(SwiftletError) {
        let start = view[0..<min(view.count, magicDigits.count)].copy()
        if start == magicDigits || start.starts(with: [0x80, 4]) || start.starts(with: [0x80, 5]) {
            throw SwiftletError(
                .torchPickleProtocol,
                "the file is not a PyTorch file, or uses a pickle protocol other than 2 or 3",
                hint: "save the file again with the default pickle_protocol of torch.save")
        }
        let value: PickleValue
        do throws(SwiftletError) {
            value = try machine.run()
        } catch {
            throw notAnArchive()
        }
        guard case .long(let range) = value, view[range.range].copy() == magic else {
            throw notAnArchive()
        }
    }

    private static func notAnArchive() -> SwiftletError {
        SwiftletError(.torchNotAnArchive, "the file is not in a format of torch.save")
    }

    /// Locates the data of each storage in the order of `keys`: an eight-byte element count, then
    /// the elements.
    private static func readStorages(
        _ keys: [PickleValue], _ machine: inout PickleMachine, _ view: ByteView
    ) throws(SwiftletError) {
        var offset = machine.offset
        for value in keys {
            let key = try machine.storageKey(value)
            guard let index = machine.storages.index(of: key),
                case let storage = machine.storages[index],
                storage.bytes == nil, storage.parent == nil
            else {
                throw SwiftletError(
                    .torchStream,
                    "storage \"\(key.description)\" is a duplicate, or unknown to the main pickle")
            }
            guard let count: UInt64 = view.number(at: offset) else {
                throw SwiftletError(
                    .torchStreamEnd, "the file ends before storage \"\(key.description)\"",
                    at: "offset \(offset)")
            }
            let size = storage.element.dtype?.byteCount ?? 1
            guard count == UInt64(storage.byteCount / size) else {
                throw SwiftletError(
                    .torchStorageSize,
                    "storage \"\(key.description)\" has \(count) elements, the pickle declares "
                        + "\(storage.byteCount / size)", at: "offset \(offset)")
            }
            guard let bytes = view.checkedSlice(offset: offset + 8, count: storage.byteCount) else {
                throw SwiftletError(
                    .torchStreamEnd, "the file ends inside storage \"\(key.description)\"",
                    at: "offset \(offset)")
            }
            machine.storages[index].bytes = bytes
            offset += 8 + bytes.count
        }
    }
}
