import SwiftletBytes

/// The form before PyTorch 1.6: five pickles in a row, then the data of each storage.
enum StreamForm {
    /// 0x1950a86a20f9469cfc6c, little-endian, as protocols 2 and later write a long number.
    private static let magic: [UInt8] = [
        0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
    ]
    /// The same in the decimal digits of protocols 0 and 1.
    private static let magicDigits = Array("L119547037146038801333356".utf8)
    private static let version = 1001

    /// Reads all pickles and finds the data; the value and the machine that knows what it means.
    static func read(_ view: ByteView) throws(SwiftletError) -> (PickleMachine, PickleValue) {
        var machine = PickleMachine(
            source: view,
            heap: PickleHeap(
                budget: MemoryBudget(fileOf: view.count, floor: MemoryBudget.valueFloor)),
            storages: StorageTable(source: .nowhere))
        try readMagic(&machine, view)
        guard case .int(version) = try machine.run() else {
            throw SwiftletError(.torchStream, "the stream's version is not \(version)")
        }
        // Sizes and byte order of the machine that wrote it: the reference ignores them.
        _ = try machine.run()
        machine.storages.source = .stream
        let value = try machine.run()
        machine.storages.source = .nowhere
        let list = try machine.run()
        guard let keys = machine.heap.sequence(list) else {
            throw SwiftletError(
                .torchStream, "the pickle behind the main one is no list of storages")
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
                "is a stream of another pickle protocol than 2 or 3, or no PyTorch file",
                hint: "save the file again with torch.save's default pickle_protocol")
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
        SwiftletError(.torchNotAnArchive, "is neither a zip nor a stream of torch.save")
    }

    /// Each storage in the order of `keys`: a count of elements, eight bytes, then their bytes.
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
                    "storage \"\(key.description)\" is listed twice, or not in the pickle")
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
                    "storage \"\(key.description)\" has \(count) elements, not "
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
