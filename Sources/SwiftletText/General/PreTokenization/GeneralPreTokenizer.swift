import SwiftletBytes

/// The pre-tokenizer of a `tokenizer.json`: its steps, in order.
struct GeneralPreTokenizer: Sendable {
    /// One step.
    enum Step: Sendable {
        case split(SplitStep)
        /// `ByteLevel`: words of GPT-2's pattern if `usesPattern`, then the byte alphabet.
        case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool)
        case metaspace(Metaspace)
    }

    /// `Metaspace`: a symbol in place of spaces.
    struct Metaspace: Sendable {
        /// Where a symbol is inserted, unless there is one.
        enum Prefix: String, Sendable {
            /// At the beginning of the text.
            case first
            case never
            case always
        }

        var symbol: Unicode.Scalar
        var prefix: Prefix
        /// Whether a word begins at every symbol.
        var splits: Bool
    }

    /// The steps, none of them a sequence.
    private(set) var steps: [Step] = []

    /// Reads the value of the key `pre_tokenizer`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` naming a step that is
    ///   not supported; ``SwiftletBytes/SwiftletError/Code/tokenizerKey`` for a setting that is
    ///   missing or invalid; the errors of patterns.
    init(_ fields: JSONFields) throws(SwiftletError) { try append(fields) }

    private mutating func append(_ fields: JSONFields) throws(SwiftletError) {
        switch try fields.required("type", fields.string) {
        case "Sequence":
            for step in try fields.required("pretokenizers", fields.list) { try append(step) }
        case "ByteLevel":
            try fields.checkByteLevel()
            steps.append(
                .byteLevel(
                    addsPrefixSpace: try fields.required("add_prefix_space", fields.bool),
                    usesPattern: try fields.bool("use_regex") ?? true))
        case "Metaspace": steps.append(.metaspace(try Metaspace(fields)))
        case let type:
            guard let split = try SplitStep(fields) else {
                throw fields.unsupported("type", "the pre-tokenizer \(type)")
            }
            steps.append(.split(split))
        }
    }

    /// What a user should know about the steps.
    var notes: [String] {
        steps.compactMap { if case .split(let split) = $0 { split.note } else { nil } }
    }
}

extension GeneralPreTokenizer.Metaspace {
    fileprivate init(_ fields: JSONFields) throws(SwiftletError) {
        symbol = try fields.character("replacement")
        prefix = try fields.metaspacePrefix()
        splits = try fields.bool("split") ?? true
    }
}
