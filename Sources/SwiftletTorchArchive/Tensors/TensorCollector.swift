import SwiftletBytes

/// Walks the value of a pickle and gives every tensor in it the name of its place: the keys that
/// lead there, joined by points.
struct TensorCollector {
    /// Containers inside each other.
    static let depthLimit = 64
    /// Lines of ``notes``.
    static let noteLimit = 64

    private(set) var tensors: [StoredTensor] = []
    /// Positions by the UTF-8 bytes of the name: to String, two spellings of a letter are equal.
    private(set) var index: [[UInt8]: Int] = [:]
    /// What was passed over.
    private(set) var notes: [String] = []
    private(set) var passedOver = 0

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
                .torchNoTensors, "holds no tensor, only \(value.kind)")
        }
        if passedOver > notes.count { notes.append("and \(passedOver - notes.count) more values") }
    }

    /// The names that look at one storage, where there are several.
    var sharedStorages: [[String]] {
        storageOrder.compactMap { namesByStorage[$0] }.filter { $0.count > 1 }
    }

    /// Returns how many tensors there are in `value`.
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
                .torchDepth, "containers are nested over \(Self.depthLimit) deep",
                at: path.map { "value \"\($0.prefix(200))\"" })
        }
        // A container may be met often: every visit is paid for.
        try machine.heap.budget.charge(PickleHeap.containerBytes + items.count)
        let noted = (notes.count, passedOver)
        var found = 0
        for (key, value) in items {
            let inside: Int
            switch value {
            case .tensor, .dict, .list, .tuple:
                guard let name = try join(path, key) else {
                    guard case .tensor = value else { continue }
                    throw SwiftletError(.torchKey, "a tensor's key is \(key.kind)")
                }
                inside = try walk(value, path: name, depth: depth + 1)
            default: inside = 0
            }
            found += inside
            if inside == 0 { try note(key, value, path) }
        }
        if found == 0 {
            // The caller notes the whole.
            notes.removeLast(notes.count - noted.0)
            passedOver = noted.1
        }
        return found
    }

    private mutating func note(
        _ key: PickleValue, _ value: PickleValue, _ path: String?
    ) throws(SwiftletError) {
        passedOver += 1
        guard notes.count < Self.noteLimit else { return }
        let name = try join(path, key) ?? key.kind
        notes.append("\"\(name.prefix(200))\" is \(value.kind), no tensor")
    }

    /// The path with one more key; nil if the key is neither text nor a whole number.
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

    /// The items of a dictionary: a key that was set again keeps its place and has the last value.
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
                throw SwiftletError(.torchDuplicateName, "two tensors have this name")
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
