/// The regular expressions of the models' own `tokenizer.json`, in the syntax of Oniguruma.
///
/// llama.cpp spells some of them differently, because its engine lacks features; these are the originals
/// where its source names them (`src/llama-vocab.cpp`).
enum SplitPattern {
    private static let contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    private static let word = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
    private static let symbols = #" ?[^\s\p{L}\p{N}]+[\r\n]*"#
    private static let space = #"\s+(?!\S)|\s+"#
    private static let lines = #"\s*[\r\n]+"#

    /// cl100k's pattern with another number.
    private static func cl100k(number: String, space: String = SplitPattern.space) -> String {
        "\(contraction)|\(word)|\(number)|\(symbols)|\(lines)|\(space)"
    }

    static let llama3 = cl100k(number: #"\p{N}{1,3}"#)
    static let qwen2 = cl100k(number: #"\p{N}"#)
    static let miniCPM5 = cl100k(number: #"\p{N}+"#)
    static let jais2 = cl100k(
        number: #"\p{N}{1,3}"#,
        space: [512, 256, 128, 64, 32, 16, 8, 4].map { #"\s{\#($0)}(?!\S)|"# }.joined()
            + #"\s{1,2}(?!\S)|\s{1}"#)
    /// Qwen 2's without contractions.
    static let ufakzeka = #"\#(word)|\p{N}|\#(symbols)|\#(lines)|\#(space)"#
    static let qwen35 =
        #"\#(contraction)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"#
        + "\(lines)|\(space)"
    static let seedCoder =
        #"\#(contraction)|\#(word)|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\#(lines)|\#(space)"#
    static let bailing =
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|"#
        + #"\s*[\r\n]|\#(space)"#
    static let exaoneMixture =
        #"\#(contraction)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}|"#
        + #" ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\#(space)"#

    /// o200k's pattern: words end before a capital letter.
    private static func o200k(
        number: String, contraction: String = "", symbols: String = #" ?[^\s\p{L}\p{N}]+[\r\n/]*"#,
        except: String = ""
    ) -> String {
        let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}\#(except)]"#
        let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}\#(except)]"#
        let first = #"[^\r\n\p{L}\p{N}]?"#
        return "\(first)\(upper)*\(lower)+\(contraction)|\(first)\(upper)+\(lower)*\(contraction)|"
            + "\(number)|\(symbols)|\(lines)|\(space)"
    }

    static let gpt4o = o200k(number: #"\p{N}{1,3}"#, contraction: "\(contraction)?")
    static let tekken = o200k(number: #"\p{N}"#)
    static let youtu = o200k(number: #"\p{N}"#, contraction: "\(contraction)?")
    static let kimi =
        #"[\p{Han}]+|"#
        + o200k(
            number: #"\p{N}{1,3}"#, contraction: "\(contraction)?", symbols: symbols,
            except: #"&&[^\p{Han}]"#)
    static let youtuScripts =
        "[\u{AC00}-\u{D7A3}\u{3131}-\u{318E}]+|"
        + "[\u{FF01}\u{2026}\u{201C}\u{201D}\u{2018}\u{2019}\u{2014}\u{FF1A}\u{FF1B}\u{FF0C}"
        + "\u{3001}-\u{303F}\u{FE30}-\u{FE4F}]+|[\u{3105}-\u{312F}]+|"
        + "[\u{4E00}-\u{9FA5}\u{3040}-\u{309F}\u{30A0}-\u{30FF}]+"

    /// The pattern of ByteLevel; what matches no alternative, a run of white space before a word, is a
    /// piece too.
    static let gpt2 =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#

    static let bloom =
        #" ?[^(\s|.,!?"# + "\u{2026}\u{3002}\u{FF0C}\u{3001}\u{964}\u{6D4}\u{60C})]+"

    static let threeDigits = "[0-9][0-9][0-9]"
    static let upToThreeNumbers = #"\p{N}{1,3}"#
    /// From the right: all groups of a number but the first have three digits.
    static let groupsFromTheRight = #"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))"#
    static let tinyAyaNumber = #"\d{1,3}(?=(?:\d{3})*\b)"#

    // MARK: DeepSeek

    static let chineseAndJapanese = "[\u{4E00}-\u{9FA5}\u{3040}-\u{309F}\u{30A0}-\u{30FF}]+"
    private static let asciiWord = ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"##
    static let deepSeek3 =
        #"\#(asciiWord)|[^"# + "\r\n" + #"\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+["#
        + "\r\n" + #"]*|\s*["# + "\r\n" + #"]+|\#(space)"#
    static let spark =
        #"\#(asciiWord)|[^"# + "\r\n" + #"\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+|["#
        + "\r\n" + #"]|\#(space)"#
    static let trinity =
        #"\#(asciiWord)|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|"#
        + "\(lines)|\(space)"
    static let trinityScripts =
        "[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{8C48}-\u{FAFF}\u{3040}-\u{309F}\u{30A0}-\u{30FF}"
        + "\u{FF65}-\u{FF9F}\u{2F00}-\u{2FDF}\u{E40}-\u{E7F}\u{E80}-\u{EFF}\u{1780}-\u{17FF}"
        + "\u{1000}-\u{109F}\u{AA60}-\u{AA7F}\u{A9E0}-\u{A9FF}\u{AC00}-\u{D7AF}\u{1100}-\u{11FF}]+"
    static let lineBreak = "[\r\n]"
    static let deepSeekAsian = "[\u{4E00}-\u{9FA5}\u{800}-\u{4E00}\u{AC00}-\u{D7FF}]+"
    static let deepSeekPunctuation =
        #"\s?[!-/:-~"# + "\u{FF01}-\u{FF0F}\u{FF1A}-\u{FF5E}\u{2018}-\u{201F}\u{3000}-\u{3002}]+"
    /// White space and letters of the scripts that have two cases.
    static let deepSeekCased =
        #"\s?[A-Za-z"#
        + "\u{B5}\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{1BA}\u{1BC}-\u{1BF}\u{1C4}-\u{293}"
        + "\u{295}-\u{2AF}\u{370}-\u{373}\u{376}\u{377}\u{37B}-\u{37D}\u{37F}\u{386}"
        + "\u{388}-\u{38A}\u{38C}\u{38E}-\u{3A1}\u{3A3}-\u{3F5}\u{3F7}-\u{481}\u{48A}-\u{52F}"
        + "\u{531}-\u{556}\u{10A0}-\u{10C5}\u{13A0}-\u{13F5}\u{13F8}-\u{13FD}\u{1C90}-\u{1CBA}"
        + "\u{1CBD}-\u{1CBF}\u{1D00}-\u{1D2B}\u{1D6B}-\u{1D77}\u{1D79}-\u{1D9A}"
        + "\u{1E00}-\u{1F15}\u{1F18}-\u{1F1D}\u{1F20}-\u{1F45}\u{1F48}-\u{1F4D}"
        + "\u{1F50}-\u{1F57}\u{1F59}\u{1F5B}\u{1F5D}\u{1F5F}-\u{1F7D}\u{1F80}-\u{1FB4}"
        + "\u{1FB6}-\u{1FBC}\u{1FBE}\u{1FC2}-\u{1FC4}\u{1FC6}-\u{1FCC}\u{1FD0}-\u{1FD3}"
        + "\u{1FD6}-\u{1FDB}\u{1FE0}-\u{1FEC}\u{1FF2}-\u{1FF4}\u{1FF6}-\u{1FFC}\u{2102}\u{2107}"
        + "\u{210A}-\u{2113}\u{2115}\u{2119}-\u{211D}\u{2124}\u{2126}\u{2128}\u{212A}-\u{212D}"
        + "\u{212F}-\u{2134}\u{2139}\u{213C}-\u{213F}\u{2145}-\u{2149}\u{214E}\u{2183}\u{2184}"
        + "\u{2C00}-\u{2C7B}\u{2C7E}-\u{2CE4}\u{2CEB}-\u{2CEE}\u{2CF2}\u{2CF3}\u{A640}-\u{A66D}"
        + "\u{A680}-\u{A69B}\u{A722}-\u{A76F}\u{A771}-\u{A787}\u{A78B}-\u{A78E}"
        + "\u{AB70}-\u{ABBF}\u{FB00}-\u{FB06}\u{FB13}-\u{FB17}\u{FF21}-\u{FF3A}"
        + "\u{FF41}-\u{FF5A}\u{10400}-\u{1044F}\u{104B0}-\u{104D3}\u{104D8}-\u{104FB}"
        + "\u{10C80}-\u{10CB2}\u{10CC0}-\u{10CF2}\u{118A0}-\u{118DF}\u{1E900}-\u{1E943}]+"
}
