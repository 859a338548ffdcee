/// An entry of the closed table: a name that a pickle may use, and its meaning.
///
/// The table has the names that `torch.load(weights_only=True)` of PyTorch 2.13 allows
/// (`_weights_only_unpickler.py`). Nothing is looked up elsewhere and nothing is run: a meaning is
/// a case of an enum.
struct TorchGlobal {
    /// The qualified name.
    let name: String
    let meaning: Meaning

    enum Meaning {
        case orderedDict, counter, set, byteArray, complex, encode
        case size, device, layout
        case rebuildTensor, rebuildTensorV2, rebuildTensorV3
        case rebuildParameter, rebuildParameterWithState, rebuildFromType
        case tensorClass, parameterClass
        case storage(ElementType)
        case untypedStorage
        case element(ElementType)
        /// Allowed as a value; calling it is not supported.
        case inert
        /// A constructor of tensors that is not supported.
        case unsupported
    }

    /// All names.
    ///
    /// ``PickleValue/global(_:)`` is an index into this table.
    static let table: [TorchGlobal] = makeTable()

    /// The index of each name.
    static let indices = Dictionary(
        uniqueKeysWithValues: table.enumerated().map { ($1.name, UInt16($0)) })

    /// The Python 2 names of modules in the table.
    static let renamedModules = [
        "__builtin__": "builtins", "UserDict": "collections", "UserList": "collections",
        "UserString": "collections",
    ]

    private static func makeTable() -> [TorchGlobal] {
        var table: [TorchGlobal] = []
        func add(_ name: String, _ meaning: Meaning) {
            table.append(TorchGlobal(name: name, meaning: meaning))
        }
        add("collections.OrderedDict", .orderedDict)
        add("collections.Counter", .counter)
        add("builtins.set", .set)
        add("builtins.bytearray", .byteArray)
        add("builtins.complex", .complex)
        add("_codecs.encode", .encode)
        add("torch.Size", .size)
        add("torch.device", .device)
        add("torch.serialization._get_layout", .layout)
        add("torch.Tensor", .tensorClass)
        add("torch.nn.parameter.Parameter", .parameterClass)
        add("torch.storage.UntypedStorage", .untypedStorage)
        add("torch.storage.TypedStorage", .inert)
        add("torch._utils._rebuild_tensor", .rebuildTensor)
        add("torch._utils._rebuild_tensor_v2", .rebuildTensorV2)
        add("torch._utils._rebuild_tensor_v3", .rebuildTensorV3)
        add("torch._utils._rebuild_parameter", .rebuildParameter)
        add("torch._utils._rebuild_parameter_with_state", .rebuildParameterWithState)
        add("torch._tensor._rebuild_from_type_v2", .rebuildFromType)
        for name in [
            "qtensor", "sparse_tensor", "meta_tensor_no_storage", "nested_tensor",
            "wrapper_subclass", "device_tensor_from_numpy", "device_tensor_from_cpu_tensor",
        ] {
            add("torch._utils._rebuild_\(name)", .unsupported)
        }
        for element in ElementType.allCases {
            add("torch.\(element.rawValue)", .element(element))
        }
        for (name, element) in ElementType.storageClasses {
            add("torch.\(name)", .storage(element))
            // Quantized storages have no class on CUDA.
            if !name.hasPrefix("Q") { add("torch.cuda.\(name)", .storage(element)) }
        }
        for name in ["BFloat16", "Byte", "Char", "Double", "Float", "Half", "Int", "Long", "Short"]
        {
            for module in ["torch", "torch.cuda", "torch.sparse", "torch.cuda.sparse"] {
                add("\(module).\(name)Tensor", .inert)
            }
        }
        add("torch.BoolTensor", .inert)
        add("torch.cuda.BoolTensor", .inert)
        for name in [
            "tensor_affine", "tensor_symmetric", "channel_affine", "channel_symmetric",
            "channel_affine_float_qparams",
        ] {
            add("torch.per_\(name)", .inert)
        }
        return table
    }
}
