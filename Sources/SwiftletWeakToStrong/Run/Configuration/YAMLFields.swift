import SwiftletBytes
import Yams

/// Typed access to the keys of a YAML mapping, with errors that name line, column and key.
///
/// A null counts as a missing key.
struct YAMLFields {
    /// The file to name in errors.
    let file: String
    /// The keys that lead to the mapping, such as `weak.training`; empty at the top.
    let path: String
    /// The place of the mapping.
    let mark: Mark?

    private var values: [String: (key: Mark?, node: Node)] = [:]

    /// Checks that a node is a mapping that has known keys only.
    ///
    /// - Parameters:
    ///   - node: the mapping.
    ///   - file: the file to name in errors.
    ///   - path: the keys that lead to it.
    ///   - known: all keys that it may have.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/runConfiguration``.
    init(_ node: Node, file: String, path: String, known: [String]) throws(SwiftletError) {
        self.file = file
        self.path = path
        mark = node.mark
        guard let mapping = node.mapping else {
            throw Self.error(
                "\(node.excerpt) is not a mapping of keys to values", node.mark, path, file)
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                throw Self.error("\(key.excerpt) is not a key", key.mark, path, file)
            }
            let full = path.isEmpty ? name : "\(path).\(name)"
            guard known.contains(name) else {
                let nearest = NearestName.of(name, among: known)
                throw Self.error("unknown key", key.mark, full, file).hinting(
                    nearest.map { "did you mean \"\($0)\"?" }
                        ?? "known keys: \(known.joined(separator: ", "))")
            }
            values[name] = (key.mark, value)
        }
    }

    /// Whether a key is there, even with a null.
    func has(_ key: String) -> Bool { values[key] != nil }

    /// The node of a key; nil if it is missing or null.
    func node(_ key: String) -> Node? {
        guard let node = values[key]?.node else { return nil }
        if let scalar = node.scalar, scalar.style == .plain || scalar.style == .any,
            ["", "~", "null", "Null", "NULL"].contains(scalar.string)
        {
            return nil
        }
        return node
    }

    // MARK: Errors

    /// The path of a key from the top of the file.
    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// An error about a key's value, or about the mapping if the key is missing.
    func failure(_ key: String, _ reason: String, node: Node? = nil) -> SwiftletError {
        let place = node?.mark ?? values[key]?.node.mark ?? values[key]?.key ?? mark
        return Self.error(reason, place, path(of: key), file)
    }

    private static func error(_ reason: String, _ mark: Mark?, _ path: String, _ file: String)
        -> SwiftletError
    {
        let parts = [mark?.place, path.isEmpty ? nil : "key \"\(path)\""].compactMap { $0 }
        return SwiftletError(
            .runConfiguration, file: file, reason, at: parts.joined(separator: ", "))
    }

    /// The value that `read` returns for a key that must be there.
    func required<T>(_ key: String, _ read: (String) throws(SwiftletError) -> T?)
        throws(SwiftletError) -> T
    {
        guard let value = try read(key) else { throw failure(key, "missing key") }
        return value
    }

    // MARK: Values

    /// Converts a scalar; nil if the key is missing or null.
    private func scalar<T>(_ key: String, as expected: String, _ convert: (String) -> T?)
        throws(SwiftletError) -> T?
    {
        guard let node = node(key) else { return nil }
        return try scalar(node, key, as: expected, convert)
    }

    private func scalar<T>(
        _ node: Node, _ key: String, as expected: String, _ convert: (String) -> T?
    ) throws(SwiftletError) -> T {
        guard let text = node.scalar?.string, let value = convert(text) else {
            throw failure(key, "\(node.excerpt) is not \(expected)", node: node)
        }
        return value
    }

    /// A text that is not empty.
    func string(_ key: String) throws(SwiftletError) -> String? {
        try scalar(key, as: "a text") { $0.isEmpty ? nil : $0 }
    }

    /// A truth value.
    func bool(_ key: String) throws(SwiftletError) -> Bool? {
        try scalar(key, as: "true or false", Self.bool)
    }

    private static func bool(_ text: String) -> Bool? {
        switch text {
        case "true", "True": true
        case "false", "False": false
        default: nil
        }
    }

    /// A whole number in a range.
    func int(_ key: String, in range: ClosedRange<Int> = 1...Int(Int32.max))
        throws(SwiftletError) -> Int?
    {
        try scalar(key, as: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
            (text) -> Int? in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A finite number that fulfils a rule.
    func number(
        _ key: String, _ expected: String = "a number",
        where holds: (Double) -> Bool = { _ in true }
    ) throws(SwiftletError) -> Double? {
        try scalar(key, as: expected) { Self.number($0).flatMap { holds($0) ? $0 : nil } }
    }

    private static func number(_ text: String) -> Double? {
        // Double(_:) also reads hexadecimal and names of values that are not finite.
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// A finite number above 0.
    func positive(_ key: String) throws(SwiftletError) -> Double? {
        try number(key, "a number above 0") { $0 > 0 }
    }

    /// A finite number from 0.
    func notNegative(_ key: String) throws(SwiftletError) -> Double? {
        try number(key, "a number from 0") { $0 >= 0 }
    }

    /// A number from 0 to 1.
    func share(_ key: String) throws(SwiftletError) -> Double? {
        try number(key, "a number from 0 to 1") { (0...1).contains($0) }
    }

    /// One of the names of an enumeration.
    func choice<T: RawRepresentable & CaseIterable>(_ key: String, _ type: T.Type)
        throws(SwiftletError) -> T? where T.RawValue == String
    {
        guard let node = node(key) else { return nil }
        return try choice(node, key, type)
    }

    private func choice<T: RawRepresentable & CaseIterable>(
        _ node: Node, _ key: String, _ type: T.Type
    ) throws(SwiftletError) -> T where T.RawValue == String {
        let names = type.allCases.map(\.rawValue)
        guard let text = node.scalar?.string, let value = T(rawValue: text) else {
            let error = failure(
                key, "\(node.excerpt) is not one of \(names.joined(separator: ", "))", node: node)
            let nearest = node.scalar.flatMap { NearestName.of($0.string, among: names) }
            throw nearest.map { error.hinting("did you mean \"\($0)\"?") } ?? error
        }
        return value
    }

    /// A number, or the word `none`.
    func positiveOrNone(_ key: String) throws(SwiftletError) -> Double?? {
        try scalar(key, as: "a number above 0, or none") { (text) -> Double?? in
            if text == "none" { return .some(nil) }
            return Self.number(text).flatMap { $0 > 0 ? .some($0) : nil }
        }
    }

    // MARK: Lists and mappings

    /// The elements of a list; a single value counts as a list of one.
    func elements(_ key: String) throws(SwiftletError) -> [Node]? {
        guard let node = node(key) else { return nil }
        guard let sequence = node.sequence else { return [node] }
        guard !sequence.isEmpty else { throw failure(key, "an empty list", node: node) }
        return Array(sequence)
    }

    private func list<T: Equatable>(
        _ key: String, _ convert: (Node) throws(SwiftletError) -> T
    ) throws(SwiftletError) -> [T]? {
        guard let elements = try elements(key) else { return nil }
        var list: [T] = []
        for element in elements {
            let value = try convert(element)
            guard !list.contains(value) else {
                throw failure(key, "\(element.excerpt) is listed twice", node: element)
            }
            list.append(value)
        }
        return list
    }

    /// Different names of an enumeration.
    func choices<T: RawRepresentable & CaseIterable & Equatable>(_ key: String, _ type: T.Type)
        throws(SwiftletError) -> [T]? where T.RawValue == String
    {
        try list(key) { (node) throws(SwiftletError) in try choice(node, key, type) }
    }

    /// Different truth values.
    func bools(_ key: String) throws(SwiftletError) -> [Bool]? {
        try list(key) { (node) throws(SwiftletError) in
            try scalar(node, key, as: "true or false", Self.bool)
        }
    }

    /// Different whole numbers from 0.
    func seeds(_ key: String) throws(SwiftletError) -> [UInt64]? {
        try list(key) { (node) throws(SwiftletError) in
            try scalar(node, key, as: "a whole number from 0") {
                Int($0).flatMap { UInt64(exactly: $0) }
            }
        }
    }

    /// The mapping at a key; nil if it is missing or null.
    func fields(_ key: String, known: [String]) throws(SwiftletError) -> YAMLFields? {
        guard let node = node(key) else { return nil }
        return try YAMLFields(node, file: file, path: path(of: key), known: known)
    }

    /// The mappings of the list at a key.
    func list(_ key: String, known: [String]) throws(SwiftletError) -> [YAMLFields]? {
        guard let node = node(key) else { return nil }
        guard let sequence = node.sequence else {
            throw failure(key, "\(node.excerpt) is not a list", node: node)
        }
        var list: [YAMLFields] = []
        for (index, element) in sequence.enumerated() {
            list.append(
                try YAMLFields(
                    element, file: file, path: "\(path(of: key))[\(index)]", known: known))
        }
        return list
    }
}
