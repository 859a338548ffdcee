/// The names in `tokenizer.ggml.pre` (llama.cpp, `src/llama-vocab.cpp`).
///
/// A file does not say whether text is normalized, and llama.cpp never does it. The rows follow the
/// models' own `tokenizer.json` where that is known, so that ids are those of the model's reference.
extension TextSplitting {
    /// Returns what a name stands for; nil if the name is unknown.
    ///
    /// A file without a name is treated like one with `default`, as by llama.cpp.
    static func named(_ name: String?) -> TextSplitting? {
        guard let name else { return fallback }
        return index[name].map { rows[$0].splitting }
    }

    /// Returns the first name that stands for `splitting`, or else one that only differs in whether
    /// text is normalized; nil if there is none.
    static func name(of splitting: TextSplitting) -> (name: String, isExact: Bool)? {
        var wanted = splitting
        for isExact in [true, false] {
            for row in rows {
                // The file says itself whether texts begin with BOS.
                wanted.addsBeginning = row.splitting.addsBeginning
                if !isExact { wanted.composes = row.splitting.composes }
                if row.splitting == wanted { return (row.names[0], isExact) }
            }
        }
        return nil
    }

    /// The names that llama.cpp knows and this table leaves out.
    static let refusedNames = ["whitespace"]

    private static let index: [String: Int] = {
        var index: [String: Int] = [:]
        for (position, row) in rows.enumerated() {
            for name in row.names { index[name] = position }
        }
        return index
    }()

    private typealias Row = (names: [String], splitting: TextSplitting)

    /// What llama.cpp does without a name.
    private static let fallback = TextSplitting(steps: [
        .split(#"[\p{P}\$\+<=>\^~\|]+"#), .split(SplitPattern.gpt2), .split(#"\p{N}+"#),
        .split(SplitPattern.threeDigits), .byteLevel(splits: false),
    ])

    private static let gpt2: [Step] = [.byteLevel(splits: true)]
    private static let digitsFirst: [Step] = [.digits(individual: true), .byteLevel(splits: true)]

    /// Splits by patterns in turn.
    private static func splits(_ patterns: String...) -> [Step] {
        patterns.map { .split($0) } + [.byteLevel(splits: false)]
    }

    private static let rows: [Row] = [
        (
            [
                "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de",
                "a.x-4.0", "mellum", "exaone4", "jina-v1-en", "jina-v2-code", "roberta-bpe", "jais",
                "trillion", "granite-docling",
            ], TextSplitting(steps: gpt2)
        ),
        (["mpt", "olmo", "modern-bert"], TextSplitting(composes: true, steps: gpt2)),
        (
            ["smollm", "starcoder", "refact", "codeshell", "minerva-7b", "mellum2"],
            TextSplitting(steps: digitsFirst)
        ),
        (["command-r", "exaone"], TextSplitting(composes: true, steps: digitsFirst)),
        (
            [
                "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0",
                "lfm2", "jina-v5-nano",
            ],
            TextSplitting(
                steps: splits(SplitPattern.llama3), ignoresMerges: true, addsBeginning: true)
        ),
        (
            ["glm4", "glm5"],
            TextSplitting(steps: splits(SplitPattern.llama3), ignoresMerges: true)
        ),
        (
            ["smaug-bpe", "dbrx", "chatglm-bpe"],
            TextSplitting(steps: splits(SplitPattern.llama3))
        ),
        (
            ["qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez"],
            TextSplitting(composes: true, steps: splits(SplitPattern.qwen2))
        ),
        (
            ["stablelm2", "hunyuan", "solar-open", "grok-2"],
            TextSplitting(steps: splits(SplitPattern.qwen2))
        ),
        (["qwen35"], TextSplitting(steps: splits(SplitPattern.qwen35))),
        (["ufakzeka"], TextSplitting(steps: splits(SplitPattern.ufakzeka))),
        (["laguna"], TextSplitting(steps: splits(#"[^\n]+|[\n]+"#, SplitPattern.qwen2))),
        (["seed-coder"], TextSplitting(steps: splits(SplitPattern.seedCoder))),
        (["jais-2"], TextSplitting(steps: splits(SplitPattern.jais2))),
        (
            ["minicpm5"],
            TextSplitting(
                steps: splits(SplitPattern.upToThreeNumbers, SplitPattern.miniCPM5),
                ignoresMerges: true)
        ),
        (
            ["bailingmoe", "bailingmoe2", "llada-moe"],
            TextSplitting(steps: splits(SplitPattern.bailing))
        ),
        (["exaone-moe"], TextSplitting(steps: splits(SplitPattern.exaoneMixture))),
        (
            ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"],
            TextSplitting(steps: splits(SplitPattern.gpt4o))
        ),
        (
            ["granite-embed-multi-97m"],
            TextSplitting(steps: splits(SplitPattern.gpt4o), ignoresMerges: true)
        ),
        (
            ["tekken"],
            TextSplitting(
                steps: splits(SplitPattern.tekken), ignoresMerges: true, addsBeginning: true)
        ),
        (
            ["tiny_aya", "cohere2moe"],
            TextSplitting(steps: splits(SplitPattern.tinyAyaNumber, SplitPattern.gpt4o))
        ),
        (
            ["youtu"],
            TextSplitting(
                steps: splits(SplitPattern.youtuScripts, SplitPattern.youtu), ignoresMerges: true)
        ),
        (["kimi-k2"], TextSplitting(steps: splits(SplitPattern.kimi))),
        (
            ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
            TextSplitting(
                steps: splits(
                    SplitPattern.upToThreeNumbers, SplitPattern.chineseAndJapanese,
                    SplitPattern.deepSeek3))
        ),
        (
            ["spark2_5"],
            TextSplitting(
                steps: splits(
                    SplitPattern.upToThreeNumbers, SplitPattern.chineseAndJapanese,
                    SplitPattern.spark, #"\p{N}"#))
        ),
        (
            ["afmoe"],
            TextSplitting(
                steps: splits(
                    SplitPattern.groupsFromTheRight, SplitPattern.trinityScripts,
                    SplitPattern.trinity))
        ),
        (
            ["deepseek-llm"],
            TextSplitting(steps: [
                .split(SplitPattern.lineBreak), .split(SplitPattern.deepSeekCased),
                .split(SplitPattern.deepSeekPunctuation), .split(#"\s+$"#),
                .split(SplitPattern.deepSeekAsian), .digits(individual: true),
                .byteLevel(splits: false),
            ])
        ),
        (
            ["deepseek-coder"],
            TextSplitting(steps: [
                .split(SplitPattern.lineBreak), .split(#"\s?\p{L}+"#), .split(#"\s?\p{P}+"#),
                .split(SplitPattern.deepSeekAsian), .digits(individual: true),
                .byteLevel(splits: false),
            ])
        ),
        (
            ["falcon"],
            TextSplitting(steps: [
                .punctuation(runs: true), .byteLevel(splits: true), .digits(individual: false),
                .split(SplitPattern.threeDigits),
            ])
        ),
        (["bloom", "poro-chat", "gpt3-finnish"], TextSplitting(steps: splits(SplitPattern.bloom))),
        (
            ["viking"],
            TextSplitting(steps: [
                .split(SplitPattern.bloom), .digits(individual: true), .byteLevel(splits: false),
            ])
        ),
        (
            ["chameleon"],
            TextSplitting(
                steps: [
                    .split("<sentinel:[0-9]+>"),
                    .split("(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z"), .split("([\t\n]|    |  )"),
                    .digits(individual: true), .punctuation(runs: false),
                    .byteLevel(splits: true),
                ], addsBeginning: true)
        ),
        (
            ["superbpe"],
            TextSplitting(steps: splits(#"\p{N}+"#, #"(?=(\d{3})+(?!\d))"#))
        ),
        (["default"], fallback),
        (
            ["gemma4", "granite-embed-multi-311m"],
            TextSplitting(steps: [], addsBeginning: true)
        ),
        (["sarvam-moe"], TextSplitting(steps: [])),
    ]
}
