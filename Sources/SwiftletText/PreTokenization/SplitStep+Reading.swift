import SwiftletBytes

extension SplitStep {
    /// Reads a step of a pre-tokenizer; nil if it is one that changes text.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerKey`` for a setting that is missing or
    ///   invalid, and the errors of ``GeneralPattern/init(_:)``.
    init?(_ step: JSONFields) throws(SwiftletError) {
        switch try step.required("type", step.string) {
        case "Split": self = try Self.split(step)
        case "Digits":
            self = .digits(areIndividual: try step.required("individual_digits", step.bool))
        case "Punctuation":
            self = .punctuation(
                step.object["behavior"] == nil
                    ? .isolated : try Self.behavior(step, "Punctuation"))
        case "Whitespace": self = .words
        case "WhitespaceSplit": self = .whitespace
        case "BertPreTokenizer": self = .bert
        case "CharDelimiterSplit":
            self = .delimiter(try step.character("delimiter").value)
        case "UnicodeScripts": self = .scripts
        case "FixedLength":
            let length = try step.unlessMissing("length", step.count) ?? 5
            guard length > 0 else { throw step.failure("length", "0 is not an integer from 1") }
            self = .fixedLength(length)
        default: return nil
        }
    }

    private static func split(_ step: JSONFields) throws(SwiftletError) -> SplitStep {
        let behavior = try behavior(step, "Split")
        return .pattern(
            PatternSplit(
                pattern: try TextPattern(step), behavior: behavior,
                isInverted: try step.required("invert", step.bool)))
    }

    private static func behavior(
        _ step: JSONFields, _ type: String
    ) throws(SwiftletError) -> SplitBehavior {
        let name = try step.string("behavior") ?? ""
        guard let behavior = SplitBehavior(rawValue: name) else {
            throw step.failure("behavior", "\"\(name)\" is not a behavior of \(type)")
        }
        return behavior
    }
}

extension JSONFields {
    /// The value of a key that has a single character.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerKey``.
    func character(_ key: String) throws(SwiftletError) -> Unicode.Scalar {
        let text = try required(key, string)
        guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
            throw failure(key, "\"\(text)\" is not one character")
        }
        return scalar
    }
}
