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
        guard let (pattern, layer) = Self.pattern(of: name), let meaning = meanings[pattern] else {
            return nil
        }
        switch meaning {
        case .row(let row, let prefix): return .tensor(row: row, layer: layer, prefix: prefix)
        case .buffer: return .buffer
        }
    }

    /// What a name in a checkpoint means, its layer put aside.
    enum Meaning: Sendable {
        case row(Int, prefix: String)
        case buffer
    }

    /// The meanings of all names, by their bytes with `{i}` for the layer. A name that means two
    /// things means the first.
    static func meanings(
        _ rows: [Row], prefixes: [String], ignored: [String]
    ) -> [[UInt8]: Meaning] {
        var meanings: [[UInt8]: Meaning] = [:]
        func add(_ meaning: Meaning, _ names: Set<String>, _ prefix: String) {
            for name in names {
                let key = Array(prefix.utf8) + Array(name.utf8)
                if meanings[key] == nil { meanings[key] = meaning }
            }
        }
        for prefix in prefixes {
            for (index, row) in rows.enumerated() where row.isPrefixed {
                add(.row(index, prefix: prefix), [row.checkpointName, row.moduleName], prefix)
            }
            add(.buffer, Set(ignored), prefix)
        }
        for (index, row) in rows.enumerated() where !row.isPrefixed {
            add(.row(index, prefix: ""), [row.checkpointName, row.moduleName], "")
        }
        return meanings
    }

    /// A name's bytes with `{i}` in place of the number between its dots, and that number, 0 if there
    /// is none; nil for names with several, or with one that is written otherwise than layers are.
    private static func pattern(of name: String) -> (pattern: [UInt8], layer: Int)? {
        var pattern: [UInt8] = []
        pattern.reserveCapacity(name.utf8.count + 3)
        var layer: Int?
        var start = 0
        var isNumber = true
        var number = 0
        for byte in name.utf8 {
            if byte == UInt8(ascii: ".") {
                if isNumber, pattern.count > start {
                    guard layer == nil, Self.isLayer(pattern[start...]) else { return nil }
                    layer = number
                    pattern.removeSubrange(start...)
                    pattern += Array("{i}".utf8)
                }
                pattern.append(byte)
                (start, isNumber, number) = (pattern.count, true, 0)
                continue
            }
            // Only patterns have braces.
            guard byte != UInt8(ascii: "{") else { return nil }
            pattern.append(byte)
            if isNumber, (0x30...0x39).contains(byte), pattern.count - start <= 6 {
                number = number * 10 + Int(byte - 0x30)
            } else {
                isNumber = false
            }
        }
        return (pattern, layer ?? 0)
    }

    /// Whether digits are a number as names have it: no zero in front.
    private static func isLayer(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.count == 1 || digits.first != 0x30
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
    /// outside the layers and in layer 0 is there, heads excepted.
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
            rows[$0].conditions.isEmpty && rows[$0].head == nil
        }
        return required.allSatisfy(found.contains) ? (strangers, required.count) : nil
    }
}
