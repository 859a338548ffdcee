/// A value of a pickle, as inert data.
///
/// Containers are indices into the ``PickleHeap``, so that values are small, can be shared or
/// contain themselves, and are released without recursion.
enum PickleValue {
    case none
    case bool(Bool)
    case int(Int)
    /// The little-endian bytes of an integer that exceeds `Int`.
    case long(TextRange)
    case float(Double)
    case text(TextRange)
    case tuple(UInt32)
    case list(UInt32)
    case dict(UInt32)
    case global(UInt16)
    case storage(UInt32)
    case tensor(UInt32)
    /// A value that cannot hold tensors and is not interpreted.
    case opaque(Opaque)

    enum Opaque: String {
        case set = "a set"
        case byteArray = "a bytearray"
        case bytes = "bytes"
        case complex = "a complex number"
        case device = "a device"
        case layout = "a layout"
    }

    /// A range of bytes in the pickle.
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

    /// A description of the type for error messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a bool"
        case .int, .long: "an integer"
        case .float: "a float"
        case .text: "a string"
        case .tuple: "a tuple"
        case .list: "a list"
        case .dict: "a dictionary"
        case .global(let index): TorchGlobal.table[Int(index)].name
        case .storage: "a storage"
        case .tensor: "a tensor"
        case .opaque(let what): what.rawValue
        }
    }

    /// The value where Python expects an integer: an integer, or a bool as 0 or 1.
    var index: Int? {
        switch self {
        case .int(let number): number
        case .bool(let truth): truth ? 1 : 0
        default: nil
        }
    }

    /// The meaning of a name in the closed table.
    var meaning: TorchGlobal.Meaning? {
        if case .global(let index) = self { TorchGlobal.table[Int(index)].meaning } else { nil }
    }
}
