import SwiftletBytes

/// Finds the tensors in the value of a pickle and names each by its path: the keys that lead to
/// it, joined by periods.
struct TensorCollector {
    /// The maximum depth of nested containers.
    static let depthLimit = 64
    /// The maximum number of ``notes``.
    static let noteLimit = 64

    private(set) var tensors: [StoredTensor] = []
    /// Positions by the UTF-8 bytes of the name; `String` compares by canonical equivalence.
    private(set) var index: [[UInt8]: Int] = [:]
    /// The skipped values, one line each.
    private(set) var notes: [String] = []
    private(set) var skippedCount = 0

    private var machine: PickleMachine
    private var views: TensorViews
    private let file: String
    private var namesByStorage: [UInt32: [String]] = [:]
    private var storageOrder: [UInt32] = []

    /// Collects the tensors of `value`.
    init(
        _ machine: PickleMachine, _ value: PickleValue, fileBytes: Int, file: String
    ) throws(SwiftletError) {
        self.machine = machine
        self.file = file
        views = TensorViews(fileBytes: fileBytes)
        guard try walk(value, path: nil, depth: 0) > 0 else {
            throw SwiftletError(
                .torchNoTensors, "no tensors found; the file holds \(value.kind)")
        }
        if skippedCount > notes.count {
            notes.append("skipped \(skippedCount - notes.count) more values")
        }
    }

    /// The names of the tensors of each storage that several tensors share.
    var sharedStorages: [[String]] {
        storageOrder.compactMap { namesByStorage[$0] }.filter { $0.count > 1 }
    }

    /// Collects the tensors in `value` and returns their number.
    private mutating func walk(
        _ value: PickleValue, path: String?, depth: Int
    ) throws(SwiftletError) -> Int {
        switch value {
        case .tensor(let index):
            try add(machine.heap.tensors[Int(index)], name: path ?? "")
            return 1
        case .dict(let index):
            return try walk(
                try lastValues(of: machine.heap.dicts[Int(index)].items), path, depth)
        case .list, .tuple:
            let items = machine.heap.sequence(value) ?? []
            return try walk(items.enumerated().map { (.int($0), $1) }, path, depth)
        default: return 0
        }
    }

    private mutating func walk(
        _ items: [(key: PickleValue, value: PickleValue)], _ path: String?, _ depth: Int
    ) throws(SwiftletError) -> Int {
        guard depth < Self.depthLimit else {
            throw SwiftletError(
                .torchDepth, "containers are nested more than \(Self.depthLimit) levels deep",
                at: path.map { "value \"\($0.prefix(200))\"" })
        }
        // Containers can be shared, so each visit is charged.
        try machine.heap.budget.charge(PickleHeap.containerBytes + items.count)
        let before = (noteCount: notes.count, skippedCount: skippedCount)
        var found = 0
        for (key, value) in items {
            let inside: Int
            switch value {
            case .tensor, .dict, .list, .tuple:
                guard let name = try join(path, key) else {
                    guard case .tensor = value else { continue }
                    throw SwiftletError(
                        .torchKey,
                        "the key of a tensor must be a string or integer, "
                            + "found \(key.kind)")
                }
                inside = try walk(value, path: name, depth: depth + 1)
            default: inside = 0
            }
            found += inside
            if inside == 0 { try note(key, value, path) }
        }
        if found == 0 {
            // The caller notes the container as a whole.
            notes.removeLast(notes.count - before.noteCount)
            skippedCount = before.skippedCount
        }
        return found
    }

    private mutating func note(
        _ key: PickleValue, _ value: PickleValue, _ path: String?
    ) throws(SwiftletError) {
        skippedCount += 1
        guard notes.count < Self.noteLimit else { return }
        let name = try join(path, key) ?? key.kind
        notes.append("skipped \"\(name.prefix(200))\", which is \(value.kind), not a tensor")
    }

    /// Appends a key to a path; returns nil if the key is neither a string nor an integer.
    private mutating func join(
        _ path: String?, _ key: PickleValue
    ) throws(SwiftletError) -> String? {
        let name: String
        switch key {
        case .text(let range):
            try machine.heap.budget.charge(Int(range.count))
            name = String(decoding: machine.source[range.range].copy(), as: UTF8.self)
        case .int(let number): name = "\(number)"
        default: return nil
        }
        guard let path else { return name }
        try machine.heap.budget.charge(path.utf8.count)
        return "\(path).\(name)"
    }

    private enum Key: Hashable {
        case text([UInt8])
        case number(Int)
    }

    /// Returns the items of a dictionary with duplicate keys resolved: a key that was set again
    /// keeps its position and has the last value.
    private mutating func lastValues(
        of items: [(key: PickleValue, value: PickleValue)]
    ) throws(SwiftletError) -> [(key: PickleValue, value: PickleValue)] {
        guard items.count > 1 else { return items }
        var places: [Key: Int] = [:]
        var result: [(key: PickleValue, value: PickleValue)] = []
        for item in items {
            let key: Key
            switch item.key {
            case .text(let range):
                try machine.heap.budget.charge(Int(range.count))
                key = .text(machine.source[range.range].copy())
            case .int(let number): key = .number(number)
            default:
                result.append(item)
                continue
            }
            try machine.heap.budget.charge(PickleHeap.containerBytes)
            if let place = places[key] {
                result[place].value = item.value
            } else {
                places[key] = result.count
                result.append(item)
            }
        }
        return result
    }

    private mutating func add(
        _ layout: TensorLayout, name: String
    ) throws(SwiftletError) {
        do throws(SwiftletError) {
            try machine.heap.budget.charge(2 * name.utf8.count + 4 * PickleHeap.containerBytes)
            guard index.updateValue(tensors.count, forKey: Array(name.utf8)) == nil else {
                throw SwiftletError(.torchDuplicateName, "duplicate tensor name")
            }
            let bytes = try views.bytes(of: layout, in: machine.storages)
            tensors.append(
                StoredTensor(
                    name: name, dtype: layout.dtype, shape: layout.shape, bytes: bytes,
                    file: file))
        } catch {
            throw error.at("tensor \"\(name.prefix(200))\"")
        }
        guard layout.elementCount > 0 else { return }
        let root = machine.storages[layout.storage].parent?.index ?? layout.storage
        if namesByStorage[root] == nil { storageOrder.append(root) }
        namesByStorage[root, default: []].append(name)
    }
}
