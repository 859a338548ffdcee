import Testing

@testable import SwiftletText

/// A pre-tokenizer that has a scanner, as files write it.
struct KnownPattern: CustomTestStringConvertible {
    let name: String
    let steps: [ScannerRecognition.Step]
    let usesPattern: Bool
    let scanner: PreTokenizer

    var testDescription: String { name }

    private init(
        _ name: String, _ steps: [ScannerRecognition.Step], usesPattern: Bool = false,
        _ scanner: PreTokenizer
    ) {
        (self.name, self.steps, self.usesPattern, self.scanner) = (
            name, steps, usesPattern, scanner
        )
    }

    private init(_ name: String, _ patterns: String..., scanner: PreTokenizer) {
        self.init(name, patterns.map { .pattern($0) }, scanner)
    }

    static let cl100k =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let possessive =
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#
    private static let seedCoder =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let qwen35 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let o200k =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let tekken =
        o200k.replacing("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", with: "").replacing("{1,3}", with: "")
    private static let deepSeek =
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
    private static let han = "[一-龥ࠀ-一가-\u{D7FF}]+"

    static let all = [
        KnownPattern("GPT-2", ScannerRecognition.gpt2, scanner: .gpt2),
        KnownPattern(
            "GPT-2, possessive",
            #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#,
            scanner: .gpt2),
        KnownPattern(
            "StarCoder", [.digits(areSeparate: true)], usesPattern: true,
            .spaced(GPT2Scanner(digits: .one, knowsNewerNumbers: true))),
        KnownPattern(
            "digits in runs", [.digits(areSeparate: false)], usesPattern: true,
            .spaced(GPT2Scanner(digits: .all, knowsNewerNumbers: true))),
        KnownPattern(
            "digits in threes", #"\p{N}{1,3}"#, ScannerRecognition.gpt2,
            scanner: .spaced(GPT2Scanner(digits: .three))),
        KnownPattern("cl100k", cl100k, scanner: .cl100k),
        KnownPattern("Qwen", cl100k.replacing("{1,3}", with: ""), scanner: .qwen),
        KnownPattern(
            "cl100k, possessive", possessive,
            scanner: .joined(CL100KScanner(digits: .all, joinsFinalSpace: true))),
        KnownPattern(
            "without contractions",
            cl100k.replacing("(?i:'s|'t|'re|'ve|'m|'ll|'d)|", with: ""),
            scanner: .joined(CL100KScanner(contraction: .none))),
        KnownPattern(
            "contractions in lower case", cl100k.replacing("(?i:", with: "(?:"),
            scanner: .joined(CL100KScanner(contraction: .lowercase))),
        KnownPattern(
            "Seed-Coder", seedCoder,
            scanner: .joined(CL100KScanner(digits: .one, takesNewlines: false))),
        KnownPattern(
            "MiniCPM 5", #"\p{N}{1,3}"#, cl100k.replacing("{1,3}", with: "+"),
            scanner: .joined(CL100KScanner(cutsDigitsFirst: true))),
        KnownPattern(
            "Qwen 3.5", qwen35, scanner: .joined(CL100KScanner(digits: .one, joinsMarks: true))),
        KnownPattern("o200k", o200k, scanner: .cased(O200KScanner())),
        KnownPattern(
            "Tekken", tekken, scanner: .cased(O200KScanner(contraction: .none, digits: .one))),
        KnownPattern(
            "DeepSeek V3", #"\p{N}{1,3}"#, "[一-龥\u{3040}-ゟ゠-ヿ]+", deepSeek,
            scanner: .deepSeek(DeepSeekScanner())),
        KnownPattern(
            "DeepSeek Coder",
            [
                .pattern("[\r\n]"), .pattern(#"\s?\p{L}+"#), .pattern(#"\s?\p{P}+"#),
                .pattern(han), .digits(areSeparate: true),
            ], .lines(.coder)),
        KnownPattern(
            "DeepSeek LLM",
            [
                .pattern("[\r\n]"), .pattern(#"\s?["# + DeepSeekLetters.pattern + "]+"),
                .pattern(#"\s?"# + DeepSeekLetters.marks + "+"), .pattern(#"\s+$"#),
                .pattern(han), .digits(areSeparate: true),
            ], .lines(.llm)),
    ]
}
