import SwiftletBytes

extension NameMap {
    /// What a tensor of a checkpoint is.
    enum Match {
        /// A tensor of the model: its row, its layer (0 for those outside), the prefix it came with.
        case tensor(row: Int, layer: Int, prefix: String)
        /// A buffer that is not read.
        case buffer
    }

    /// What the tensor of that name is; nil if nothing of this family.
    func match(_ name: String) -> Match? {
        for prefix in prefixes where name.utf8.starts(with: prefix.utf8) {
            let rest = name.utf8.dropFirst(prefix.utf8.count)
            for (index, row) in rows.enumerated() where row.isPrefixed {
                if let layer = Self.layer(of: rest, in: row) {
                    return .tensor(row: index, layer: layer, prefix: prefix)
                }
            }
            if ignored.contains(where: { Self.layer(of: rest, in: $0) != nil }) { return .buffer }
        }
        for (index, row) in rows.enumerated() where !row.isPrefixed {
            if let layer = Self.layer(of: name.utf8[...], in: row) {
                return .tensor(row: index, layer: layer, prefix: "")
            }
        }
        return nil
    }

    /// The layer in a name that is a row's, by either of its names.
    private static func layer(of name: Substring.UTF8View, in row: Row) -> Int? {
        if let layer = layer(of: name, in: row.checkpointName) { return layer }
        return row.moduleName == row.checkpointName ? nil : layer(of: name, in: row.moduleName)
    }

    /// The layer in a name of that pattern: 0 for a pattern without `{i}`, nil for other names.
    private static func layer(of name: Substring.UTF8View, in pattern: String) -> Int? {
        let pattern = pattern.utf8
        guard let brace = pattern.firstIndex(of: UInt8(ascii: "{")) else {
            return name.elementsEqual(pattern) ? 0 : nil
        }
        guard name.starts(with: pattern[..<brace]) else { return nil }
        let rest = name.dropFirst(pattern[..<brace].count)
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...6).contains(digits.count), digits.count == 1 || digits.first != 0x30,
            rest.dropFirst(digits.count).elementsEqual(pattern[brace...].dropFirst(3))
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// A row's canonical name in a layer.
    func canonicalName(_ row: Row, layer: Int) -> String { Self.filled(row.name, layer) }

    /// A row's name in a checkpoint, in a layer.
    func checkpointName(_ row: Row, layer: Int, prefix: String) -> String {
        (row.isPrefixed ? prefix : "") + Self.filled(row.checkpointName, layer)
    }

    /// A row's name in transformers' modules, in a layer.
    func moduleName(_ row: Row, layer: Int, prefix: String) -> String {
        (row.isPrefixed ? prefix : "") + Self.filled(row.moduleName, layer)
    }

    /// A row's name among the weights of a Keras model, in a layer; nil if it has none.
    func kerasName(_ row: Row, layer: Int, model: String) -> String? {
        row.kerasName.map { "\(model)/\(Self.filled($0, layer)):0" }
    }

    private static func filled(_ pattern: String, _ layer: Int) -> String {
        guard let brace = pattern.firstIndex(of: "{") else { return pattern }
        return pattern[..<brace] + String(layer)
            + pattern[pattern.index(brace, offsetBy: 3)...]
    }

    /// The row of a canonical name's pattern.
    func row(_ name: String) -> Row? { rows.first { $0.name == name } }

    /// How well tensors of these names fit this family; nil unless all that every model of it has
    /// outside the layers and in layer 0 is there, the head excepted.
    ///
    /// - Returns: how many names have no place in the family, and how many tensors it asks for.
    func recognition(_ names: some Sequence<String>) -> (strangers: Int, required: Int)? {
        var found = Set<Int>()
        var strangers = 0
        for name in names {
            switch match(name) {
            case .tensor(let row, 0, _): found.insert(row)
            case .tensor, .buffer: break
            case nil: strangers += 1
            }
        }
        let required = rows.indices.filter {
            rows[$0].conditions.isEmpty && rows[$0].name != tiedHead.head
        }
        return required.allSatisfy(found.contains) ? (strangers, required.count) : nil
    }
}
