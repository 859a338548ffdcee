import SwiftletBytes

// Calls of the names in the closed table: each produces inert data, or is refused.
extension PickleMachine {
    /// REDUCE: calls a name of the table.
    mutating func call(
        _ function: PickleValue, _ arguments: PickleValue
    ) throws(SwiftletError) -> PickleValue {
        let (index, items) = try target(function, arguments, refusal: "cannot be called")
        let name = TorchGlobal.table[Int(index)].name
        switch TorchGlobal.table[Int(index)].meaning {
        case .orderedDict: return try makeDict(.ordered, items, name)
        case .counter: return try makeDict(.counter, items, name)
        case .set, .byteArray, .complex, .encode, .device, .layout:
            return try makeOpaque(index, items)
        case .size: return try makeSize(items)
        case .rebuildTensor, .rebuildTensorV2, .rebuildTensorV3, .rebuildParameter,
            .rebuildParameterWithState, .rebuildFromType:
            return try rebuild(index, items)
        case .parameterClass: return try makeParameter(items, name)
        case .element:
            throw SwiftletError(.torchPickleValue, "\(name) cannot be called")
        case .storage, .untypedStorage, .tensorClass, .inert, .unsupported:
            throw SwiftletError(.torchConstructor, "\(name) is not supported")
        }
    }

    /// NEWOBJ: creates an object of a class in the table.
    mutating func construct(
        _ type: PickleValue, _ arguments: PickleValue
    ) throws(SwiftletError) -> PickleValue {
        let (index, items) = try target(type, arguments, refusal: "is not a class")
        let name = TorchGlobal.table[Int(index)].name
        switch TorchGlobal.table[Int(index)].meaning {
        // In Python, `__new__` of these classes ignores its arguments.
        case .orderedDict: return try heap.dict(.ordered)
        case .counter: return try heap.dict(.counter)
        case .set: return .opaque(.set)
        case .byteArray: return .opaque(.byteArray)
        case .size: return try makeSize(items)
        case .parameterClass: return try makeParameter(items, name)
        case .complex, .device: return try makeOpaque(index, items)
        default: throw SwiftletError(.torchConstructor, "objects of \(name) are not supported")
        }
    }

    /// Returns the index of a called name and the items of its arguments.
    ///
    /// The error for a value that is not a name consists of its kind and `refusal`.
    private func target(
        _ value: PickleValue, _ arguments: PickleValue, refusal: String
    ) throws(SwiftletError) -> (index: UInt16, items: [PickleValue]) {
        guard case .global(let index) = value else {
            throw SwiftletError(.torchPickleValue, "\(value.kind) \(refusal)")
        }
        guard let items = heap.sequence(arguments) else {
            throw SwiftletError(
                .torchPickleValue,
                "the arguments of \(TorchGlobal.table[Int(index)].name) are \(arguments.kind), "
                    + "not a tuple")
        }
        return (index, items)
    }

    /// BUILD: sets attributes of an object.
    ///
    /// Attributes of a dictionary, such as `_metadata` of a state_dict, are ignored.
    func build(_ object: PickleValue, _ state: PickleValue) throws(SwiftletError) {
        switch object {
        case .dict(let index) where heap.dicts[Int(index)].kind != .plain:
            guard case .dict = state else {
                throw SwiftletError(
                    .torchPickleValue,
                    "the attributes of a dictionary are \(state.kind), not a dictionary")
            }
        case .tensor:
            throw SwiftletError(
                .torchConstructor, "setting the state of a tensor is not supported")
        default:
            throw SwiftletError(.torchPickleValue, "the state of \(object.kind) cannot be set")
        }
    }

    /// Creates a dictionary that is empty, a copy of another, or made from a list of pairs (as
    /// written by Python 2).
    private mutating func makeDict(
        _ kind: PickleHeap.Dict.Kind, _ arguments: [PickleValue], _ name: String
    ) throws(SwiftletError) -> PickleValue {
        let value = try heap.dict(kind)
        guard let content = arguments.first else { return value }
        guard arguments.count == 1, case .dict(let dict) = value else {
            throw SwiftletError(
                .torchPickleValue, "\(name) is called with \(arguments.count) arguments")
        }
        if case .dict(let other) = content {
            for (key, value) in heap.dicts[Int(other)].items {
                try heap.set(key, to: value, in: dict)
            }
            return value
        }
        guard kind == .ordered, let pairs = heap.sequence(content) else {
            throw SwiftletError(.torchPickleValue, "\(name) is called with \(content.kind)")
        }
        for pair in pairs {
            guard let pair = heap.sequence(pair), pair.count == 2 else {
                throw SwiftletError(
                    .torchPickleValue, "\(name) is called with items that are not pairs")
            }
            try heap.set(pair[0], to: pair[1], in: dict)
        }
        return value
    }

    /// Creates a value that cannot hold tensors.
    ///
    /// Only the types of the arguments are checked.
    private func makeOpaque(
        _ index: UInt16, _ arguments: [PickleValue]
    ) throws(SwiftletError) -> PickleValue {
        let global = TorchGlobal.table[Int(index)]
        let fit: (PickleValue.Opaque, Bool)
        switch (global.meaning, arguments.first, arguments.count) {
        case (.set, nil, _): fit = (.set, true)
        case (.set, let items?, 1): fit = (.set, isIterable(items))
        case (.byteArray, nil, _): fit = (.byteArray, true)
        case (.byteArray, .opaque(.bytes), 1), (.byteArray, .list, 1): fit = (.byteArray, true)
        case (.byteArray, .text, 2): fit = (.byteArray, isText(arguments[1]))
        case (.complex, _, 1...2): fit = (.complex, arguments.allSatisfy(isNumber))
        case (.encode, .text, 1): fit = (.bytes, true)
        // Protocol 2 stores bytes in this form.
        case (.encode, .text, 2): fit = (.bytes, isText(arguments[1], "latin1"))
        case (.device, .text, 1): fit = (.device, true)
        case (.device, .text, 2): fit = (.device, arguments[1].index != nil)
        case (.layout, .text, 1): fit = (.layout, true)
        default: fit = (.set, false)
        }
        guard fit.1 else {
            let kinds = arguments.prefix(4).map(\.kind).joined(separator: ", ")
            throw SwiftletError(.torchPickleValue, "\(global.name) is called with (\(kinds))")
        }
        return .opaque(fit.0)
    }

    /// Creates a `torch.Size`, which is a tuple of integers.
    private mutating func makeSize(_ arguments: [PickleValue]) throws(SwiftletError) -> PickleValue
    {
        guard let content = arguments.first else { return try heap.tuple([]) }
        guard arguments.count == 1, let lengths = heap.sequence(content),
            lengths.count <= TensorLayout.dimensionLimit,
            lengths.allSatisfy({ $0.index != nil })
        else {
            throw SwiftletError(
                .torchPickleValue, "torch.Size is called with items that are not integers")
        }
        return try heap.tuple(lengths)
    }

    private func isText(_ value: PickleValue) -> Bool {
        if case .text = value { true } else { false }
    }

    private func isNumber(_ value: PickleValue) -> Bool {
        if case .float = value { true } else { value.index != nil }
    }

    private func isIterable(_ value: PickleValue) -> Bool {
        switch value {
        case .list, .tuple, .dict, .text, .opaque(.set), .opaque(.bytes), .opaque(.byteArray): true
        default: false
        }
    }
}
