import SwiftletBytes

/// A storage: bytes that any number of tensors look at.
struct TorchStorage {
    /// What the file calls it.
    let key: StorageKey
    /// The type that its first mention gave it; later ones do not change it, as in the reference.
    let element: ElementType
    let byteCount: Int
    /// The storage that this one is a part of, and where (the older stream alone has such).
    var parent: (index: UInt32, offset: Int)?
    /// The bytes; nil until the older stream's data have been reached.
    var bytes: ByteView?
}

/// A storage's name: text, or in odd files a number.
enum StorageKey: Hashable {
    case text([UInt8])
    case number(Int)

    /// PyTorch's keys are numbers in text.
    static let lengthLimit = 1024

    var description: String {
        switch self {
        case .text(let bytes): String(decoding: bytes.prefix(200), as: UTF8.self)
        case .number(let number): "\(number)"
        }
    }
}

/// The storages of a file, found by their keys.
struct StorageTable {
    /// Where the data of a storage come from.
    enum Source {
        /// A pickle that must not mention storages.
        case nowhere
        /// Each is a record of a zip.
        case records(ZipArchive, byteOrder: ByteOrder)
        /// They follow the pickle.
        case stream
    }

    enum ByteOrder { case little, big }

    var source: Source
    private var storages: [TorchStorage] = []
    private var indices: [StorageKey: UInt32] = [:]

    init(source: Source) { self.source = source }

    subscript(index: UInt32) -> TorchStorage {
        get { storages[Int(index)] }
        set { storages[Int(index)] = newValue }
    }

    /// The bytes of a storage or of a part of one; nil if the file has none.
    func bytes(of index: UInt32) -> ByteView? {
        let storage = self[index]
        guard let parent = storage.parent else { return storage.bytes }
        return self[parent.index].bytes?.checkedSlice(
            offset: parent.offset, count: storage.byteCount)
    }

    func index(of key: StorageKey) -> UInt32? { indices[key] }

    mutating func add(_ storage: TorchStorage) -> UInt32 {
        let index = UInt32(truncatingIfNeeded: storages.count)
        storages.append(storage)
        indices[storage.key] = index
        return index
    }
}
