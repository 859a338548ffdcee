/// A text that a report shows.
public struct ReportedText: Sendable {
    /// Its number in the order of adding, from 1.
    public let number: Int
    /// Its name in the corpus.
    public let name: String?
    /// The text as split by both tokenizers.
    public let text: AlignedText
    /// The number of its groups of one token on either side.
    public let oneToOne: Int
    /// The number of tokens, on both sides together, in its largest group.
    public let largestGroup: Int

    /// The number of its groups.
    public var groups: Int { text.alignment.groups.count }

    /// The share of groups of one token on either side, from 0 to 1; 1 for a text without groups.
    public var oneToOneShare: Double { groups == 0 ? 1 : Double(oneToOne) / Double(groups) }

    /// Whether this text comes before another in the list of worst texts.
    func isWorse(than other: ReportedText) -> Bool {
        if text.isWhole != other.text.isWhole { return !text.isWhole }
        if largestGroup != other.largestGroup { return largestGroup > other.largestGroup }
        if oneToOneShare != other.oneToOneShare { return oneToOneShare < other.oneToOneShare }
        return number < other.number
    }
}

/// A limited number of the worst texts of a corpus.
struct TextRanking: Sendable {
    private let maximumCount: Int
    /// The texts, the worst first.
    private(set) var texts: [ReportedText] = []

    init(maximumCount: Int) { self.maximumCount = max(maximumCount, 0) }

    mutating func add(_ text: ReportedText) {
        if texts.count == maximumCount {
            guard let last = texts.last, text.isWorse(than: last) else { return }
            texts.removeLast()
        }
        var (low, high) = (0, texts.count)
        while low < high {
            let middle = (low + high) / 2
            if texts[middle].isWorse(than: text) { low = middle + 1 } else { high = middle }
        }
        texts.insert(text, at: low)
    }
}
