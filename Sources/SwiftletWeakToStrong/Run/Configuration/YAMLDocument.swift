import SwiftletBytes
import Yams

/// A YAML file with one mapping, read under limits that keep the parser safe on any bytes.
///
/// The parser composes nested collections by recursion and expands aliases wherever they are
/// compared, so both are bounded before it sees the text.
struct YAMLDocument {
    /// The path to name in errors.
    let file: String
    /// The mapping.
    let root: Node

    /// The largest file: a configuration has a few kilobytes.
    private static let sizeLimit = 1 << 20
    /// The deepest nesting.
    private static let depthLimit = 64
    /// The largest number of aliases.
    ///
    /// A chain of them repeats what it refers to once more with each.
    private static let aliasLimit = 20

    /// Reads a file.
    ///
    /// - Throws: no input (66), ``/SwiftletBytes/SwiftletError/Code/notUTF8``, and
    ///   ``SwiftletBytes/SwiftletError/Code/runConfiguration`` with line and column.
    init(path: String) throws(SwiftletError) {
        try self.init(try MappedFile(path: path).bytes, file: path)
    }

    /// Reads a text.
    ///
    /// - Throws: as ``init(path:)``.
    init(_ view: ByteView, file: String) throws(SwiftletError) {
        self.file = file
        guard view.count <= Self.sizeLimit else {
            throw SwiftletError(
                .runConfiguration, file: file,
                "has \(view.count) bytes; a configuration has at most \(Self.sizeLimit)")
        }
        var bytes = view.copy()
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SwiftletError(.notUTF8, file: file, "is not UTF-8")
        }
        try Self.checkLimits(text, file)
        let node: Node?
        do { node = try Yams.compose(yaml: text) } catch { throw Self.failure(error, file) }
        guard let node, !node.isEmptyScalar else {
            throw SwiftletError(.runConfiguration, file: file, "is empty")
        }
        root = node
    }

    /// Refuses what could exhaust the stack or the time of the parser.
    private static func checkLimits(_ text: String, _ file: String) throws(SwiftletError) {
        var (depth, aliases) = (0, 0)
        for (number, line) in text.split(
            separator: "\n", omittingEmptySubsequences: false
        ).enumerated() {
            // Each level of a block needs a column before its content.
            let indentation = line.utf8.prefix { " -?:\t".utf8.contains($0) }.count
            var previous = UInt8(ascii: " ")
            for byte in line.utf8 {
                switch byte {
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
                case UInt8(ascii: "*") where " \t,[{".utf8.contains(previous): aliases += 1
                default: break
                }
                previous = byte
            }
            func refuse(_ reason: String) -> SwiftletError {
                SwiftletError(.runConfiguration, file: file, reason, at: "line \(number + 1)")
            }
            if depth > depthLimit || indentation > 4 * depthLimit {
                throw refuse("is nested more than \(depthLimit) levels deep")
            }
            if aliases > aliasLimit { throw refuse("has more than \(aliasLimit) aliases") }
        }
    }

    /// The parser's error in our form.
    private static func failure(_ error: any Error, _ file: String) -> SwiftletError {
        func make(_ reason: String, _ mark: Mark?) -> SwiftletError {
            SwiftletError(.runConfiguration, file: file, reason, at: mark.map(\.place))
        }
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return make("is not YAML: \(problem)", mark)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
            return make("duplicate key \(names)", context.mark)
        case .reader(let problem, _, _, _): return make("is not YAML: \(problem)", nil)
        default: return make("is not YAML", nil)
        }
    }
}

extension Mark {
    /// The place as errors write it.
    var place: String { "line \(line), column \(column)" }
}

extension Node {
    /// Whether this is what an empty document gives.
    fileprivate var isEmptyScalar: Bool { scalar?.string.isEmpty == true }

    /// The kind and value, for an error.
    var excerpt: String {
        switch self {
        case .scalar(let scalar): "\"\(scalar.string.prefix(60))\""
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension SwiftletError.Code {
    /// A configuration of a run is malformed, has an unknown key or a value out of range.
    public static let runConfiguration = Self("weakToStrong.configuration", .badData)
}
