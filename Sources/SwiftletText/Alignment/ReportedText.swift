/// A text that a report shows.
public struct ReportedText: Sendable {
    /// Its number, counted from 1 in the order of adding.
    public let number: Int
    /// What its corpus calls it.
    public let name: String?
    /// The text as both sides cut it.
    public let text: AlignedText
    /// Its groups of one token on each side.
    public let oneToOne: Int
    /// The tokens of both sides in its largest group.
    public let largestGroup: Int

    /// Its groups.
    public var groups: Int { text.alignment.groups.count }

    /// The share of groups that are one token on each side, 0 to 1; 1 for a text without groups.
    public var oneToOneShare: Double { groups == 0 ? 1 : Double(oneToOne) / Double(groups) }

    /// Whether this text comes before another in the list of the worst.
    func isWorse(than other: ReportedText) -> Bool {
        if text.isWhole != other.text.isWhole { return !text.isWhole }
        if largestGroup != other.largestGroup { return largestGroup > other.largestGroup }
        if oneToOneShare != other.oneToOneShare { return oneToOneShare < other.oneToOneShare }
        return number < other.number
    }
}

/// The worst texts of a corpus, no more than so many.
struct TextRanking: Sendable {
    private let most: Int
    /// The worst first.
    private(set) var texts: [ReportedText] = []

    init(most: Int) { self.most = max(most, 0) }

    mutating func add(_ text: ReportedText) {
        if texts.count == most {
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
