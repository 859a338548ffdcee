import SwiftletBytes

/// A storage: bytes that any number of tensors refer to.
struct TorchStorage {
    /// The key in the file.
    let key: StorageKey
    /// The element type at the first reference.
    ///
    /// As in the reference implementation, later ones do not change it.
    let element: ElementType
    let byteCount: Int
    /// The storage that this one is a part of, and the offset in it.
    ///
    /// Only in the stream format.
    var parent: (index: UInt32, offset: Int)?
    /// The bytes; in the stream format nil until the data have been reached.
    var bytes: ByteView?
}

/// The key of a storage: a string, in rare files an integer.
enum StorageKey: Hashable {
    case text([UInt8])
    case number(Int)

    /// The maximum length in bytes.
    ///
    /// PyTorch uses decimal numbers as keys.
    static let lengthLimit = 1024

    var description: String {
        switch self {
        case .text(let bytes): String(decoding: bytes.prefix(200), as: UTF8.self)
        case .number(let number): "\(number)"
        }
    }
}

/// The storages of a file, by key.
struct StorageTable {
    /// The location of the data of the storages.
    enum Source {
        /// The pickle being read must not refer to storages.
        case nowhere
        /// Each storage is a record of a zip.
        case records(ZipArchive, byteOrder: ByteOrder)
        /// The data follow the pickles.
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

    /// The bytes of a storage or of a part of one, or nil if the file does not have them.
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
