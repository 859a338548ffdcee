import SwiftletBytes

/// Reads checked values out of a configuration.
struct ConfigurationValues {
    let object: JSONObject

    /// All sizes, in the order of the family's list, later ones in terms of earlier ones.
    func dimensions(_ list: [NameMap.Dimension]) throws(SwiftletError) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for item in list {
            let key = item.keys.first { object[$0] != nil }
            guard let key, let value = object[key] else {
                sizes[item.name] = try computed(item, item.value, sizes, list)
                continue
            }
            if value == .null, let null = item.null {
                sizes[item.name] = try computed(item, null, sizes, list)
                continue
            }
            guard let size = value.int, size > 0, size <= item.maximum else {
                throw SwiftletError(
                    .configurationValue,
                    "\(value.text()) is no whole number from 1 to \(item.maximum)",
                    at: "key \"\(key)\"")
            }
            sizes[item.name] = size
        }
        return sizes
    }

    /// A size that follows from others.
    private func computed(
        _ item: NameMap.Dimension, _ expression: SizeExpression, _ sizes: [String: Int],
        _ list: [NameMap.Dimension]
    ) throws(SwiftletError) -> Int {
        if let size = expression.value(sizes), size > 0, size <= item.maximum { return size }
        // Say it in the configuration's own words: the keys that the symbols come from.
        let parts = expression.symbols.map { symbol in
            let keys = list.first { $0.name == symbol }?.keys ?? []
            let key = keys.first { object[$0] != nil } ?? keys.first ?? symbol
            return "\(key) \(sizes[symbol].map(String.init) ?? "?")"
        }
        throw SwiftletError(
            .configurationValue,
            "\(expression) is no whole number from 1 to \(item.maximum) with "
                + parts.joined(separator: " and "),
            at:
                "key \"\(item.keys.first ?? parts.first?.split(separator: " ").first.map(String.init) ?? item.name)\""
        )
    }

    /// The family's flags by name.
    func flags(_ list: [NameMap.Flag]) throws(SwiftletError) -> [String: Bool] {
        var flags: [String: Bool] = [:]
        for item in list { flags[item.name] = try flag(item.key, default: item.isDefault) }
        return flags
    }

    /// A truth value; null counts as absent.
    func flag(_ key: String, default standard: Bool) throws(SwiftletError) -> Bool {
        guard let value = object[key], value != .null else { return standard }
        guard let flag = value.bool else {
            throw SwiftletError(
                .configurationValue, "\(value.text()) is neither true nor false",
                at: "key \"\(key)\"")
        }
        return flag
    }

    /// The labels of a classification head, as transformers reads them: `num_labels` has the last
    /// word on how many there are, `id2label` names them if it has as many.
    func labels() throws(SwiftletError) -> ClassLabels {
        let (map, count) = (object["id2label"] ?? .null, object["num_labels"])
        let names = map == .null ? nil : try labelNames(map)
        guard let size = count.map(\.int) ?? names?.count ?? ClassLabels.standardCount,
            size > 0, size <= Int(Int32.max)
        else {
            throw SwiftletError(
                .configurationValue,
                "\((count ?? map).text()) does not say how many labels there are",
                at: "key \"\(count == nil ? "id2label" : "num_labels")\"")
        }
        return ClassLabels(count: size, names: names?.count == size ? names ?? [:] : [:])
    }

    /// The labels' names by number.
    private func labelNames(_ map: JSONValue) throws(SwiftletError) -> [Int: String] {
        var names: [Int: String] = [:]
        guard let object = map.object else {
            throw SwiftletError(
                .configurationValue, "\(map.text()) is no object", at: "key \"id2label\"")
        }
        for (key, value) in object.pairs {
            guard let index = Int(key) else {
                throw SwiftletError(
                    .configurationValue, "\"\(key)\" is not the number of a label",
                    at: "key \"id2label\"")
            }
            names[index] = value.string ?? value.text()
        }
        return names
    }

    /// A standard deviation.
    func deviation(_ item: (key: String, value: Double)) throws(SwiftletError) -> Double {
        guard let value = object[item.key] else { return item.value }
        guard let number = value.double, number.isFinite, number >= 0 else {
            throw SwiftletError(
                .configurationValue, "\(value.text()) is no standard deviation",
                at: "key \"\(item.key)\"")
        }
        return number
    }

    /// The row of the padding token in an embedding of `rows`: as PyTorch does, a negative one
    /// counts from the end. Nil without one, or if no row has that number.
    func paddingRow(_ item: (key: String, value: Int?)?, rows: Int) -> Int? {
        guard let item else { return nil }
        guard let row = object[item.key] == nil ? item.value : object[item.key]?.int else {
            return nil
        }
        return (0..<rows).contains(row) ? row : (-rows..<0).contains(row) ? rows + row : nil
    }
}
