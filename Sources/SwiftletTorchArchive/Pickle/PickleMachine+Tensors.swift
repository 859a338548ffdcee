import SwiftletBytes

// The functions that create tensors: `torch/_utils.py` and `torch/_tensor.py` of PyTorch 2.13.
extension PickleMachine {
    /// Calls one of the `_rebuild_…` functions.
    mutating func rebuild(
        _ index: UInt16, _ arguments: [PickleValue]
    ) throws(SwiftletError) -> PickleValue {
        let global = TorchGlobal.table[Int(index)]
        switch (global.meaning, arguments.count) {
        // storage, offset, size, stride
        case (.rebuildTensor, 4): return try heap.tensor(try layout(arguments, as: nil))
        // … requires_grad, backward_hooks, metadata?
        case (.rebuildTensorV2, 6...7):
            let layout = try layout(arguments, as: nil)
            try checkGradient(arguments[4], layout.element)
            try checkMetadata(arguments.count == 7 ? arguments[6] : .none)
            return try heap.tensor(layout)
        // … requires_grad, backward_hooks, dtype, metadata?
        case (.rebuildTensorV3, 7...8):
            guard case .element(let element) = arguments[6].meaning else {
                throw SwiftletError(
                    .torchTensor, "\(arguments[6].kind) is not an element type")
            }
            let layout = try layout(arguments, as: element)
            try checkGradient(arguments[4], layout.element)
            try checkMetadata(arguments.count == 8 ? arguments[7] : .none)
            return try heap.tensor(layout)
        // data, requires_grad, backward_hooks
        case (.rebuildParameter, 3):
            return try makeParameter(Array(arguments.prefix(2)), global.name)
        // … state
        case (.rebuildParameterWithState, 4):
            try checkState(arguments[3])
            return try makeParameter(Array(arguments.prefix(2)), global.name)
        // function, class, arguments, state
        case (.rebuildFromType, 4):
            switch arguments[1].meaning {
            case .tensorClass?, .parameterClass?: break
            default:
                throw SwiftletError(
                    .torchPickleValue, "\(arguments[1].kind) is not a tensor class")
            }
            guard case .global(let inner) = arguments[0], isDirect(inner),
                let innerArguments = heap.sequence(arguments[2])
            else {
                throw SwiftletError(
                    .torchPickleValue, "\(global.name) cannot call \(arguments[0].kind)")
            }
            try checkState(arguments[3])
            return try rebuild(inner, innerArguments)
        default:
            throw SwiftletError(
                .torchPickleValue, "\(global.name) is called with \(arguments.count) arguments")
        }
    }

    /// Returns the tensor of a parameter, which is called with the data and optionally
    /// `requires_grad`.
    func makeParameter(
        _ arguments: [PickleValue], _ name: String
    ) throws(SwiftletError) -> PickleValue {
        guard 1...2 ~= arguments.count, case .tensor(let index) = arguments[0] else {
            throw SwiftletError(.torchPickleValue, "\(name) is called without a tensor")
        }
        let gradient = arguments.count == 2 ? arguments[1] : .bool(true)
        try checkGradient(gradient, heap.tensors[Int(index)].element)
        return arguments[0]
    }

    /// Whether `_rebuild_from_type_v2` may call a function: only those that call no other function,
    /// so that calls do not nest.
    private func isDirect(_ index: UInt16) -> Bool {
        switch TorchGlobal.table[Int(index)].meaning {
        case .rebuildTensor, .rebuildTensorV2, .rebuildTensorV3, .rebuildParameter,
            .rebuildParameterWithState:
            true
        default: false
        }
    }

    private func layout(
        _ arguments: [PickleValue], as element: ElementType?
    ) throws(SwiftletError) -> TensorLayout {
        guard case .storage(let index) = arguments[0] else {
            throw SwiftletError(
                .torchTensor, "expected a storage for the tensor, found \(arguments[0].kind)")
        }
        guard case .int(let offset) = arguments[1] else {
            throw SwiftletError(
                .torchTensor, "the tensor offset must be an integer, found \(arguments[1].kind)")
        }
        let shape = try lengths(arguments[2], "shape")
        // A tensor without strides is contiguous.
        var strides: [Int]?
        if case .none = arguments[3] {} else { strides = try lengths(arguments[3], "strides") }
        if strides?.isEmpty == true { strides = nil }
        let storage = storages[index]
        return try TensorLayout(
            storage: index, element: element ?? storage.element, offset: offset, shape: shape,
            strides: strides, storageBytes: storage.byteCount)
    }

    private func lengths(
        _ value: PickleValue, _ what: String
    ) throws(SwiftletError) -> [Int] {
        guard let items = heap.sequence(value), items.count <= TensorLayout.dimensionLimit else {
            throw SwiftletError(
                .torchTensor,
                "the tensor \(what) must be a tuple of at most \(TensorLayout.dimensionLimit) "
                    + "integers")
        }
        var lengths: [Int] = []
        for item in items {
            guard case .int(let length) = item else {
                throw SwiftletError(
                    .torchTensor, "the tensor \(what) must hold integers, found \(item.kind)")
            }
            lengths.append(length)
        }
        return lengths
    }

    private func checkGradient(
        _ value: PickleValue, _ element: ElementType
    ) throws(SwiftletError) {
        guard case .bool(let required) = value else {
            throw SwiftletError(
                .torchTensor, "requires_grad must be a bool, found \(value.kind)")
        }
        guard !required || element.isDifferentiable else {
            throw SwiftletError(
                .torchTensor, "a tensor of torch.\(element.rawValue) cannot require a gradient")
        }
    }

    /// Refuses tensors with the conjugate or negative bit set, whose values differ from the stored
    /// ones.
    private mutating func checkMetadata(_ value: PickleValue) throws(SwiftletError) {
        switch value {
        case .none: return
        case .dict(let index):
            let items = heap.dicts[Int(index)].items
            // Many tensors may share one dictionary, so each inspection is charged.
            try heap.budget.charge(items.count)
            for (key, value) in items {
                guard case .text = key, case .bool(let isSet) = value else {
                    throw SwiftletError(
                        .torchTensor,
                        "the tensor metadata must map strings to bools, found \(key.kind) and "
                            + "\(value.kind)")
                }
                guard isSet else { continue }
                throw SwiftletError(
                    .torchConstructor,
                    "tensors with the \(isText(key, "conj") ? "conjugate" : "negative") bit set "
                        + "are not supported",
                    hint: "call resolve_conj().resolve_neg() before torch.save")
            }
        default:
            throw SwiftletError(
                .torchTensor, "the tensor metadata must be a dictionary, found \(value.kind)")
        }
    }

    /// Checks the attributes of a tensor, which are ignored unless they would replace its data.
    private mutating func checkState(_ value: PickleValue) throws(SwiftletError) {
        let parts: [PickleValue]
        if case .tuple(let index) = value {
            parts = heap.tuples[Int(index)].items
            guard parts.count == 2 else {
                throw SwiftletError(.torchTensor, "the tensor state is not a pair")
            }
        } else {
            parts = [value]
        }
        for part in parts {
            switch part {
            case .none: continue
            case .dict(let index):
                let items = heap.dicts[Int(index)].items
                try heap.budget.charge(items.count)
                for (key, _) in items {
                    guard case .text = key else {
                        throw SwiftletError(
                            .torchTensor,
                            "the name of a tensor attribute must be a string, found \(key.kind)")
                    }
                    for name in ["data", "real", "imag"] where isText(key, name) {
                        throw SwiftletError(
                            .torchConstructor,
                            "setting the attribute \"\(name)\" of a tensor is not supported")
                    }
                }
            default:
                throw SwiftletError(
                    .torchTensor, "the tensor state must be a dictionary, found \(part.kind)")
            }
        }
    }
}
