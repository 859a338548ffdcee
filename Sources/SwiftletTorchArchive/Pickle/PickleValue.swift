/// A value of a pickle: inert data. Containers are places in the ``PickleHeap``, so that values
/// are small, may be shared, may hold themselves, and go away without recursion.
enum PickleValue {
    case none
    case bool(Bool)
    case int(Int)
    /// A whole number that Int cannot hold: its little-endian bytes.
    case long(TextRange)
    case float(Double)
    case text(TextRange)
    case tuple(UInt32)
    case list(UInt32)
    case dict(UInt32)
    case global(UInt16)
    case storage(UInt32)
    case tensor(UInt32)
    /// Something that holds no tensor and is of no interest.
    case opaque(Opaque)

    enum Opaque: String {
        case set = "a set"
        case byteArray = "a bytearray"
        case bytes = "bytes"
        case complex = "a complex number"
        case device = "a device"
        case layout = "a layout"
    }

    /// Bytes of the pickle.
    struct TextRange {
        let offset: UInt32
        let count: UInt32

        init?(_ range: Range<Int>) {
            guard let offset = UInt32(exactly: range.lowerBound),
                let count = UInt32(exactly: range.count)
            else { return nil }
            self.offset = offset
            self.count = count
        }

        var range: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
    }

    /// What it is, for people.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a truth value"
        case .int, .long: "a whole number"
        case .float: "a number"
        case .text: "text"
        case .tuple: "a tuple"
        case .list: "a list"
        case .dict: "a dictionary"
        case .global(let index): TorchGlobal.table[Int(index)].name
        case .storage: "a storage"
        case .tensor: "a tensor"
        case .opaque(let what): what.rawValue
        }
    }

    /// The number where Python takes a whole number for an index: truth values count.
    var index: Int? {
        switch self {
        case .int(let number): number
        case .bool(let truth): truth ? 1 : 0
        default: nil
        }
    }

    /// What a name of the table means.
    var meaning: TorchGlobal.Meaning? {
        if case .global(let index) = self { TorchGlobal.table[Int(index)].meaning } else { nil }
    }
}
