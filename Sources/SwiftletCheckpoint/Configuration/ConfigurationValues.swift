import SwiftletBytes

// The values of a configuration that a family's name map asks for.

extension JSONFields {
    /// All sizes, in the order of the family's list, so that later ones can depend on earlier ones.
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
            sizes[item.name] = try int(value, key, in: 1...item.maximum)
        }
        return sizes
    }

    /// A size that follows from others.
    private func computed(
        _ item: NameMap.Dimension, _ expression: SizeExpression, _ sizes: [String: Int],
        _ list: [NameMap.Dimension]
    ) throws(SwiftletError) -> Int {
        if let size = expression.value(sizes), size > 0, size <= item.maximum { return size }
        // Name the keys that the symbols come from, not the symbols.
        let sources = expression.symbols.map { symbol in
            let keys = list.first { $0.name == symbol }?.keys ?? []
            return (key: keys.first { object[$0] != nil } ?? keys.first ?? symbol, symbol: symbol)
        }
        let values = sources.map { "\($0.key) \(sizes[$0.symbol].map(String.init) ?? "?")" }
        throw failure(
            item.keys.first ?? sources.first?.key ?? item.name,
            "\(expression) is not an integer from 1 to \(item.maximum) with "
                + values.joined(separator: " and "))
    }

    /// The family's flags by name.
    func flags(_ list: [NameMap.Flag]) throws(SwiftletError) -> [String: Bool] {
        var flags: [String: Bool] = [:]
        for item in list { flags[item.name] = try bool(item.key) ?? item.isDefault }
        return flags
    }

    /// The labels of a classification head, as transformers reads them: `num_labels` decides how many
    /// there are, and `id2label` names them if it has the same number of entries.
    func labels() throws(SwiftletError) -> ClassLabels {
        let names = try labelNames()
        let count: Int
        if let value = object["num_labels"] {
            count = try int(value, "num_labels", in: 1...Int(Int32.max))
        } else {
            count = names?.count ?? ClassLabels.standardCount
            guard count > 0 else { throw failure("id2label", "there must be at least one label") }
        }
        return ClassLabels(count: count, names: names?.count == count ? names ?? [:] : [:])
    }

    /// The labels' names by number; nil without `id2label`.
    private func labelNames() throws(SwiftletError) -> [Int: String]? {
        guard let map = try fields("id2label") else { return nil }
        var names: [Int: String] = [:]
        for (key, value) in map.object.pairs {
            guard let index = Int(key) else {
                throw failure("id2label", "\"\(key)\" is not the number of a label")
            }
            names[index] = value.string ?? value.text()
        }
        return names
    }

    /// A standard deviation.
    func deviation(_ item: (key: String, value: Double)) throws(SwiftletError) -> Double {
        guard let value = object[item.key] else { return item.value }
        return try read(value, item.key, as: "a finite number of at least 0") { value in
            value.double.flatMap { $0 >= 0 && $0.isFinite ? $0 : nil }
        }
    }

    /// The row of the padding token in an embedding of `rows`.
    ///
    /// As in PyTorch, a negative number counts from the end. Nil without a padding token, or if
    /// there is no such row.
    func paddingRow(_ item: (key: String, value: Int?)?, rows: Int) -> Int? {
        guard let item else { return nil }
        guard let row = object[item.key] == nil ? item.value : object[item.key]?.int else {
            return nil
        }
        return (0..<rows).contains(row) ? row : (-rows..<0).contains(row) ? rows + row : nil
    }
}
