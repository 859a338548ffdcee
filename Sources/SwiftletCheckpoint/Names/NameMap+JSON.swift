import SwiftletBytes
import SwiftletNames

extension NameMap {
    /// Reads a map. The maps are our own, so what is wrong with one is a defect.
    init(json: [UInt8], named family: String) throws(SwiftletError) {
        let json = try JSONValue.parse(ByteView(json), file: "\(family).json")
        do throws(MapDefect) {
            try self.init(json)
        } catch {
            throw SwiftletError(.defect, file: "\(family).json", "no \(error.field) in a name map")
        }
    }

    /// Keys that transformers writes for every family.
    static let commonKeys: Set<String> = {
        let list = try? JSONValue.parse(ByteView(EmbeddedNameMaps.commonKeys))["known_keys"]?.array
        return Set((list ?? []).compactMap(\.string))
    }()

    private struct MapDefect: Error { var field: String }

    private init(_ json: JSONValue) throws(MapDefect) {
        family = try Self.need(json["family"]?.string, "family")
        modelTypes = try Self.strings(json["model_types"], "model_types")
        prefixes = try Self.strings(json["prefixes"], "prefixes")
        ignored = try Self.strings(json["ignored"], "ignored")
        knownKeys = Set(try Self.strings(json["known_keys"], "known_keys"))
        var rows: [Row] = []
        for row in try Self.need(json["tensors"]?.array, "tensors") {
            rows.append(try Self.row(row))
        }
        self.rows = rows
        meanings = Self.meanings(rows, prefixes: prefixes, ignored: ignored)
        var dimensions: [Dimension] = []
        for item in try Self.need(json["dimensions"]?.array, "dimensions") {
            dimensions.append(try Self.dimension(item))
        }
        self.dimensions = dimensions
        var architectures: [Architecture] = []
        for item in try Self.need(json["architectures"]?.array, "architectures") {
            architectures.append(
                Architecture(
                    name: try Self.need(item["name"]?.string, "architectures.name"),
                    prefix: try Self.need(item["prefix"]?.string, "architectures.prefix"),
                    head: try Self.head(item["head"]),
                    kerasModel: item["keras"]?.string))
        }
        guard !architectures.isEmpty else { throw MapDefect(field: "architectures") }
        self.architectures = architectures
        let tied = json["tied_head"]
        tiedHead = TiedHead(
            key: try Self.need(tied?["key"]?.string, "tied_head.key"),
            isDefault: try Self.need(tied?["default"]?.bool, "tied_head.default"),
            head: try Self.need(tied?["head"]?.string, "tied_head.head"),
            embedding: try Self.need(tied?["to"]?.string, "tied_head.to"))
        let range = json["initializer_range"]
        initializerRange = (
            try Self.need(range?["key"]?.string, "initializer_range.key"),
            try Self.need(
                range?["default"]?.string.flatMap(Double.init), "initializer_range.default")
        )
        padding = try Self.padding(json["padding"])
        var flags: [Flag] = []
        for item in json["flags"]?.array ?? [] { flags.append(try Self.flag(item)) }
        self.flags = flags
        var refused: [Refusal] = []
        for item in json["refused"]?.array ?? [] {
            refused.append(
                Refusal(
                    key: try Self.need(item["key"]?.string, "refused.key"),
                    value: try Self.need(item["value"] ?? item["not"], "refused.value"),
                    isRefused: item["value"] != nil))
        }
        self.refused = refused
    }

    private static func head(_ json: JSONValue?) throws(MapDefect) -> Head? {
        let value = try need(json, "architectures.head")
        return value == .null
            ? nil : try need(value.string.flatMap(Head.init), "architectures.head")
    }

    private static func padding(
        _ json: JSONValue?
    ) throws(MapDefect) -> (key: String, value: Int?)? {
        guard let json else { return nil }
        return (try need(json["key"]?.string, "padding.key"), json["default"]?.int)
    }

    private static func flag(_ json: JSONValue) throws(MapDefect) -> Flag {
        Flag(
            name: try need(json["name"]?.string, "flags.name"),
            key: try need(json["key"]?.string, "flags.key"),
            isDefault: try need(json["default"]?.bool, "flags.default"))
    }

    private static func row(_ json: JSONValue) throws(MapDefect) -> Row {
        var shape: [SizeExpression] = []
        for text in try strings(json["shape"], "tensors.shape") {
            shape.append(try need(SizeExpression(text), "tensors.shape"))
        }
        var conditions: [RowCondition] = []
        for text in json["when"]?.array ?? [] {
            conditions.append(try need(text.string.flatMap { RowCondition($0) }, "tensors.when"))
        }
        let order = json["order"]?.string
        let fusion = json["fused"]?.string
        let name = try need(json["checkpoint"]?.string, "tensors.checkpoint")
        return Row(
            name: try need(json["name"]?.string, "tensors.name"),
            checkpointName: name,
            moduleName: json["module"]?.string ?? name,
            kerasName: json["keras"]?.string,
            isKerasRow: json["keras_row"]?.bool ?? false,
            isPrefixed: json["prefixed"]?.bool ?? true,
            shape: shape,
            order: order == nil ? nil : try need(order.flatMap(Order.init), "tensors.order"),
            fusion: fusion == nil ? nil : try need(fusion.flatMap(Fusion.init), "tensors.fused"),
            initialization: try need(
                json["initialization"]?.string.flatMap(Initialization.init),
                "tensors.initialization"),
            hasPaddingRow: json["padding_row"]?.bool ?? false,
            conditions: conditions)
    }

    private static func dimension(_ json: JSONValue) throws(MapDefect) -> Dimension {
        Dimension(
            name: try need(json["name"]?.string, "dimensions.name"),
            keys: try strings(json["keys"], "dimensions.keys"),
            value: try need(
                json["default"]?.string.flatMap { SizeExpression($0) }, "dimensions.default"),
            null: json["null"]?.string.flatMap { SizeExpression($0) },
            maximum: json["maximum"]?.int ?? Int(Int32.max))
    }

    private static func need<T>(_ value: T?, _ field: String) throws(MapDefect) -> T {
        guard let value else { throw MapDefect(field: field) }
        return value
    }

    private static func strings(
        _ value: JSONValue?, _ field: String
    ) throws(MapDefect) -> [String] {
        try need(value?.array, field).compactMap(\.string)
    }
}
