import SwiftletBytes

extension NameMap {
    /// What a tensor's name in a checkpoint stands for.
    enum Match {
        /// A tensor of the model: its row, its layer (0 outside the layers) and the name's prefix.
        case tensor(row: Int, layer: Int, prefix: String)
        /// A buffer that is not read.
        case buffer
    }

    /// Returns what a tensor's name stands for; nil if the family has no such name.
    func match(_ name: String) -> Match? {
        guard let (pattern, layer) = Self.pattern(of: name), let meaning = meanings[pattern] else {
            return nil
        }
        switch meaning {
        case .row(let row, let prefix): return .tensor(row: row, layer: layer, prefix: prefix)
        case .buffer: return .buffer
        }
    }

    /// What a name in a checkpoint stands for, regardless of its layer.
    enum Meaning: Sendable {
        case row(Int, prefix: String)
        case buffer
    }

    /// The meanings of all names, by their bytes with `{i}` for the layer.
    ///
    /// Of two meanings of a name, the first counts.
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

    /// Returns a name's bytes with `{i}` in place of the number between dots, and the number, or 0
    /// without
    /// one; nil for a name with several numbers, or with one that is not written like a layer.
    static func pattern(of name: String) -> (pattern: [UInt8], layer: Int)? {
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
            // Only patterns contain braces.
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

    /// Whether digits are a layer as names write it: without leading zeros.
    private static func isLayer(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.count == 1 || digits.first != 0x30
    }

    /// Returns a row's canonical name in a layer.
    func canonicalName(_ row: Row, layer: Int) -> String { Self.filled(row.name, layer) }

    /// Returns a row's name in a checkpoint, in a layer.
    func checkpointName(_ row: Row, layer: Int, prefix: String) -> String {
        (row.isPrefixed ? prefix : "") + Self.filled(row.checkpointName, layer)
    }

    /// Returns a row's name in transformers' modules, in a layer.
    func moduleName(_ row: Row, layer: Int, prefix: String) -> String {
        (row.isPrefixed ? prefix : "") + Self.filled(row.moduleName, layer)
    }

    /// Returns a row's name in a Keras model, in a layer; nil if the model does not have it.
    func kerasName(_ row: Row, layer: Int, model: String) -> String? {
        row.kerasName.map { "\(model)/\(Self.filled($0, layer)):0" }
    }

    static func filled(_ pattern: String, _ layer: Int) -> String {
        guard let brace = pattern.firstIndex(of: "{") else { return pattern }
        return pattern[..<brace] + String(layer)
            + pattern[pattern.index(brace, offsetBy: 3)...]
    }

    /// Returns the row with a canonical name, in which `{i}` stands for the layer.
    func row(_ name: String) -> Row? { rows.first { $0.name == name } }

    /// Returns how well names fit this family; nil unless they include all tensors that every model of
    /// the family has outside the layers and in layer 0, heads excepted.
    ///
    /// - Returns: the number of names that the family does not have, and the number of tensors that it
    ///   requires.
    func recognition(_ names: some Sequence<String>) -> (unknown: Int, required: Int)? {
        var found = Set<Int>()
        var unknown = 0
        for name in names {
            switch match(name) {
            case .tensor(let row, 0, _): found.insert(row)
            case .tensor, .buffer: break
            case nil: unknown += 1
            }
        }
        let required = rows.indices.filter {
            rows[$0].conditions.isEmpty && rows[$0].head == nil
        }
        return required.allSatisfy(found.contains) ? (unknown, required.count) : nil
    }
}
