import SwiftletBytes

/// Reads checked values out of a configuration.
struct ConfigurationValues {
    let object: JSONObject

    /// All sizes, in the order of the family's list, later ones in terms of earlier ones.
    func dimensions(_ list: [NameMap.Dimension]) throws(SwiftletError) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for item in list {
            let key = item.keys.first { object[$0] != nil }
            guard let key, let value = object[key], !(item.nullIsDefault && value == .null) else {
                sizes[item.name] = try computed(item, sizes, list)
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
        _ item: NameMap.Dimension, _ sizes: [String: Int], _ list: [NameMap.Dimension]
    ) throws(SwiftletError) -> Int {
        if let size = item.value.value(sizes), size > 0, size <= item.maximum { return size }
        // Say it in the configuration's own words: the keys that the symbols come from.
        let parts = item.value.symbols.map { symbol in
            let keys = list.first { $0.name == symbol }?.keys ?? []
            let key = keys.first { object[$0] != nil } ?? keys.first ?? symbol
            return "\(key) \(sizes[symbol].map(String.init) ?? "?")"
        }
        throw SwiftletError(
            .configurationValue,
            "\(item.value) is no whole number from 1 to \(item.maximum) with "
                + parts.joined(separator: " and "),
            at:
                "key \"\(item.keys.first ?? parts.first?.split(separator: " ").first.map(String.init) ?? item.name)\""
        )
    }

    /// A truth value.
    func flag(_ key: String, default standard: Bool) throws(SwiftletError) -> Bool {
        guard let value = object[key] else { return standard }
        guard let flag = value.bool else {
            throw SwiftletError(
                .configurationValue, "\(value.text()) is neither true nor false",
                at: "key \"\(key)\"")
        }
        return flag
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
}
