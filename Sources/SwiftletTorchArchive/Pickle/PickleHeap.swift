import SwiftletBytes

/// The containers and tensors of a file's pickles.
///
/// Everything is charged to ``budget`` before it is allocated.
struct PickleHeap {
    struct Tuple {
        var items: [PickleValue]
        /// Whether it can be a key: Python hashes a tuple by its items.
        var isHashable: Bool
    }

    struct Dict {
        enum Kind { case plain, ordered, counter }
        var kind: Kind
        /// In the order in which they were set.
        ///
        /// The last of equal keys counts.
        var items: [(key: PickleValue, value: PickleValue)] = []
    }

    private(set) var tuples: [Tuple] = []
    private(set) var lists: [[PickleValue]] = []
    private(set) var dicts: [Dict] = []
    private(set) var tensors: [TensorLayout] = []
    var budget: MemoryBudget

    init(budget: MemoryBudget) { self.budget = budget }

    /// The size of a value in a container.
    static let valueBytes = MemoryLayout<PickleValue>.stride
    /// The estimated overhead of a container.
    static let containerBytes = 64

    mutating func tuple(
        _ items: some Collection<PickleValue>
    ) throws(SwiftletError) -> PickleValue {
        try budget.charge(Self.containerBytes + items.count * Self.valueBytes)
        let hashable = items.allSatisfy { isHashable($0) }
        tuples.append(Tuple(items: Array(items), isHashable: hashable))
        return .tuple(UInt32(truncatingIfNeeded: tuples.count - 1))
    }

    mutating func list() throws(SwiftletError) -> PickleValue {
        try budget.charge(Self.containerBytes)
        lists.append([])
        return .list(UInt32(truncatingIfNeeded: lists.count - 1))
    }

    mutating func append(
        _ items: some Collection<PickleValue>, to list: UInt32
    ) throws(SwiftletError) {
        // Twice, because a growing array reserves additional capacity.
        try budget.charge(2 * items.count * Self.valueBytes)
        lists[Int(list)].append(contentsOf: items)
    }

    mutating func dict(_ kind: Dict.Kind) throws(SwiftletError) -> PickleValue {
        try budget.charge(Self.containerBytes)
        dicts.append(Dict(kind: kind))
        return .dict(UInt32(truncatingIfNeeded: dicts.count - 1))
    }

    mutating func set(
        _ key: PickleValue, to value: PickleValue, in dict: UInt32
    ) throws(SwiftletError) {
        guard isHashable(key) else {
            throw SwiftletError(.torchPickleValue, "\(key.kind) cannot be a dictionary key")
        }
        try budget.charge(4 * Self.valueBytes)
        dicts[Int(dict)].items.append((key, value))
    }

    mutating func tensor(_ layout: TensorLayout) throws(SwiftletError) -> PickleValue {
        try budget.charge(
            2 * MemoryLayout<TensorLayout>.stride + 2 * Self.containerBytes
                + 16 * layout.shape.count)
        tensors.append(layout)
        return .tensor(UInt32(truncatingIfNeeded: tensors.count - 1))
    }

    private func isHashable(_ value: PickleValue) -> Bool {
        switch value {
        case .list, .dict, .opaque(.set), .opaque(.byteArray): false
        case .tuple(let index): tuples[Int(index)].isHashable
        default: true
        }
    }

    /// The items of a list or tuple, or nil for another value.
    func sequence(_ value: PickleValue) -> [PickleValue]? {
        switch value {
        case .tuple(let index): tuples[Int(index)].items
        case .list(let index): lists[Int(index)]
        default: nil
        }
    }
}
