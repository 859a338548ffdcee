import SwiftletBytes
import SwiftletNames

extension NameMap {
    /// Reads an embedded map.
    ///
    /// The maps are part of the code, so an error in one is a defect.
    init(json: [UInt8], named family: String) throws(SwiftletError) {
        let file = "\(family).json"
        try self.init(
            JSONFields(JSONValue.parse(ByteView(json), file: file), file: file, code: .defect))
    }

    /// The keys that transformers writes for every family.
    static let commonKeys: Set<String> = {
        let list = try? JSONValue.parse(ByteView(EmbeddedNameMaps.commonKeys))["known_keys"]?.array
        return Set((list ?? []).compactMap(\.string))
    }()

    private init(_ map: JSONFields) throws(SwiftletError) {
        family = try map.required("family", map.string)
        modelTypes = try map.required("model_types", map.strings)
        prefixes = try map.required("prefixes", map.strings)
        ignored = try map.required("ignored", map.strings)
        knownKeys = Set(try map.required("known_keys", map.strings))
        rows = try map.required("tensors", map.list).map(Row.init)
        ggufArchitecture = try map.string("gguf")
        meanings = Self.meanings(rows, prefixes: prefixes, ignored: ignored)
        dimensions = try map.required("dimensions", map.list).map(Dimension.init)
        architectures = try map.required("architectures", map.list).map(Architecture.init)
        guard !architectures.isEmpty else { throw map.failure("architectures", "is empty") }
        tiedHead = try TiedHead(map.required("tied_head", map.fields))
        let range = try map.required("initializer_range", map.fields)
        initializerRange = (
            try range.required("key", range.string),
            try range.required("default") { (key) throws(SwiftletError) in
                try range.read(key, as: "a number") { $0.string.flatMap(Double.init) }
            }
        )
        padding = try map.fields("padding").map { (padding) throws(SwiftletError) in
            (try padding.required("key", padding.string), padding.object["default"]?.int)
        }
        flags = try (map.list("flags") ?? []).map(Flag.init)
        refused = try (map.list("refused") ?? []).map(Refusal.init)
    }
}

extension NameMap.Row {
    fileprivate init(_ row: JSONFields) throws(SwiftletError) {
        name = try row.required("name", row.string)
        checkpointName = try row.required("checkpoint", row.string)
        moduleName = try row.string("module") ?? checkpointName
        kerasName = try row.string("keras")
        isKerasRow = try row.bool("keras_row", default: false)
        ggufName = try row.string("gguf")
        ggufRows = try row.elements("gguf_rows", as: "a size") {
            $0.string.flatMap { SizeExpression($0) }
        }
        isPrefixed = try row.bool("prefixed", default: true)
        shape = try row.required("shape") { (key) throws(SwiftletError) in
            try row.elements(key, as: "a size") { $0.string.flatMap { SizeExpression($0) } }
        }
        order = try row.read("order", as: "an order") {
            $0.string.flatMap(NameMap.Order.init)
        }
        fusion = try row.read("fused", as: "a fusion") {
            $0.string.flatMap(NameMap.Fusion.init)
        }
        initialization = try row.required("initialization") { (key) throws(SwiftletError) in
            try row.read(key, as: "an initialization") {
                $0.string.flatMap(NameMap.Initialization.init)
            }
        }
        hasPaddingRow = try row.bool("padding_row", default: false)
        conditions =
            try row.elements("when", as: "a condition") { $0.string.flatMap { RowCondition($0) } }
            ?? []
    }
}

extension NameMap.Dimension {
    fileprivate init(_ dimension: JSONFields) throws(SwiftletError) {
        func size(_ key: String) throws(SwiftletError) -> SizeExpression? {
            try dimension.read(key, as: "a size") { $0.string.flatMap { SizeExpression($0) } }
        }
        name = try dimension.required("name", dimension.string)
        keys = try dimension.required("keys", dimension.strings)
        value = try dimension.required("default", size)
        null = try size("null")
        maximum = try dimension.int("maximum", in: 1...Int.max) ?? Int(Int32.max)
    }
}

extension NameMap.Architecture {
    fileprivate init(_ architecture: JSONFields) throws(SwiftletError) {
        name = try architecture.required("name", architecture.string)
        prefix = try architecture.required("prefix", architecture.string)
        // Null for a class without a head, but never missing.
        guard architecture.object["head"] != nil else {
            throw architecture.failure("head", "missing key")
        }
        head = try architecture.read("head", as: "a head") {
            $0.string.flatMap(NameMap.Head.init)
        }
        kerasModel = try architecture.string("keras")
    }
}

extension NameMap.TiedHead {
    fileprivate init(_ tied: JSONFields) throws(SwiftletError) {
        key = try tied.required("key", tied.string)
        isDefault = try tied.required("default", tied.bool)
        head = try tied.required("head", tied.string)
        embedding = try tied.required("to", tied.string)
    }
}

extension NameMap.Flag {
    fileprivate init(_ flag: JSONFields) throws(SwiftletError) {
        name = try flag.required("name", flag.string)
        key = try flag.required("key", flag.string)
        isDefault = try flag.required("default", flag.bool)
    }
}

extension NameMap.Refusal {
    fileprivate init(_ refusal: JSONFields) throws(SwiftletError) {
        key = try refusal.required("key", refusal.string)
        // The value may be null.
        guard let found = refusal.object["value"] ?? refusal.object["not"] else {
            throw refusal.failure("value", "missing key")
        }
        value = found
        isRefused = refusal.object["value"] != nil
    }
}
