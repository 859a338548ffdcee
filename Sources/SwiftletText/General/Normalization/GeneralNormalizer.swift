import CSwiftletUnicode
import SwiftletBytes

/// The normalizer of a `tokenizer.json`: its steps, in order.
struct GeneralNormalizer: Sendable {
    /// One step.
    enum Step: Sendable {
        /// NFC, NFD, NFKC or NFKD.
        case canonical(CanonicalForm)
        case lowercase
        case strip(left: Bool, right: Bool)
        case stripAccents
        case replace(TextPattern, by: [UInt8])
        case prepend([UInt8])
        case nmt
        case rules(RuleNormalizer)
        case byteLevel
    }

    /// The steps, none of them a sequence.
    private(set) var steps: [Step] = []

    /// Reads the value of the key `normalizer`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` naming a step that is
    ///   not supported; ``SwiftletBytes/SwiftletError/Code/tokenizerKey`` for a setting that is
    ///   missing or invalid; the errors of patterns and of SentencePiece's rules.
    init(_ fields: JSONFields) throws(SwiftletError) { try append(fields) }

    private mutating func append(_ fields: JSONFields) throws(SwiftletError) {
        let untyped: KeyValuePairs = [
            "Strip": ["strip_left", "strip_right"], "Sequence": ["normalizers"],
            "Replace": ["pattern", "content"], "Prepend": ["prepend"],
        ]
        switch try fields.type(orByKeys: untyped) {
        case "Sequence":
            for step in try fields.required("normalizers", fields.list) { try append(step) }
        case "NFC": steps.append(.canonical(CanonicalForm(isCompatible: false, composes: true)))
        case "NFD": steps.append(.canonical(CanonicalForm(isCompatible: false, composes: false)))
        case "NFKC": steps.append(.canonical(CanonicalForm(isCompatible: true, composes: true)))
        case "NFKD": steps.append(.canonical(CanonicalForm(isCompatible: true, composes: false)))
        case "Lowercase": steps.append(.lowercase)
        case "Strip":
            steps.append(
                .strip(
                    left: try fields.required("strip_left", fields.bool),
                    right: try fields.required("strip_right", fields.bool)))
        case "StripAccents": steps.append(.stripAccents)
        case "Replace":
            let content = try fields.required("content", fields.string)
            steps.append(.replace(try TextPattern(fields), by: Array(content.utf8)))
        case "Prepend":
            let text = try fields.required("prepend", fields.string)
            steps.append(.prepend(Array(text.utf8)))
        case "Nmt": steps.append(.nmt)
        case "Precompiled": steps.append(.rules(try RuleNormalizer(fields)))
        case "ByteLevel": steps.append(.byteLevel)
        case let type: throw fields.unsupported("type", "the normalizer \(type)")
        }
    }

    /// Normalizes a text.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``, and
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerNormalization``.
    func normalize(
        _ text: UnsafeBufferPointer<UInt8>
    ) throws(SwiftletError) -> AlignedBytes {
        var result = AlignedBytes(text)
        for step in steps where !result.bytes.isEmpty {
            try step.apply(to: &result, originalCount: text.count)
        }
        return result
    }

    /// The normalized form of a string, without the way back.
    ///
    /// - Throws: As ``normalize(_:)-(UnsafeBufferPointer<UInt8>)``.
    func normalize(_ content: [UInt8]) throws(SwiftletError) -> [UInt8] {
        try content.withUnsafeBufferPointer { bytes throws(SwiftletError) in
            try normalize(bytes).bytes
        }
    }

    /// What a user should know about the steps.
    var notes: [String] {
        steps.compactMap { if case .replace(let pattern, _) = $0 { pattern.note } else { nil } }
    }
}
