/// What the alignments of a corpus say of two tokenizers, gathered text by text.
public struct AlignmentReport: Sendable {
    /// What concerns one of the tokenizers.
    public struct Side: Sendable, Equatable {
        /// Tokens of all texts.
        public internal(set) var tokens = 0
        /// Bytes of texts that no token stands for.
        public internal(set) var uncoveredBytes = 0
        /// Texts whose ids say another text (``TextLoss/failsRoundTrip``).
        public internal(set) var roundTripFailures = 0
    }

    /// A group's size.
    public struct GroupSize: Sendable, Hashable {
        /// Tokens of the one side.
        public let a: Int
        /// Tokens of the other.
        public let b: Int
    }

    /// Texts seen.
    public private(set) var texts = 0
    /// Their bytes in UTF-8.
    public private(set) var bytes = 0
    /// Their words: what stands between white space (space, tab, line feed, carriage return).
    public private(set) var words = 0
    /// Common groups.
    public private(set) var groups = 0
    /// Groups of one token on each side.
    public private(set) var oneToOne = 0
    /// Texts of which a side loses something (``AlignedText/isWhole``).
    public private(set) var mismatches = 0
    /// Texts that have the same ids on both sides.
    public private(set) var identical = 0
    /// The one tokenizer.
    public private(set) var a = Side()
    /// The other.
    public private(set) var b = Side()
    /// How many groups of each size there are, those of one token on each side left out.
    private var otherSizes: [GroupSize: Int] = [:]
    /// The first text whose ids differ.
    public private(set) var firstDifference: ReportedText?
    private var ranking: TextRanking

    /// An empty report.
    ///
    /// - Parameter worst: how many of the worst texts are kept.
    public init(keepingWorst worst: Int = 10) { ranking = TextRanking(most: worst) }

    /// Adds a text.
    ///
    /// - Parameters:
    ///   - text: the text as both sides cut it.
    ///   - name: what to call it; else it is known by its number.
    public mutating func add(_ text: AlignedText, name: String? = nil) {
        texts += 1
        bytes += text.text.utf8.count
        words += Self.wordCount(text.text)
        a.add(text.a, text.lossA)
        b.add(text.b, text.lossB)
        if !text.isWhole { mismatches += 1 }
        var (ones, largest) = (0, 0)
        for group in text.alignment.groups {
            largest = max(largest, group.tokenCount)
            if group.isOneToOne {
                ones += 1
            } else {
                otherSizes[GroupSize(a: group.a.count, b: group.b.count), default: 0] += 1
            }
        }
        groups += text.alignment.groups.count
        oneToOne += ones
        let reported = ReportedText(
            number: texts, name: name, text: text, oneToOne: ones, largestGroup: largest)
        if text.a.ids == text.b.ids {
            identical += 1
        } else if firstDifference == nil {
            firstDifference = reported
        }
        ranking.add(reported)
    }

    /// The share of groups of one token on each side, 0 to 1; nil without groups.
    public var oneToOneShare: Double? { Self.ratio(oneToOne, groups) }

    /// How many tokens of both sides together a group has on average: 2 where all are one to one;
    /// nil without groups.
    public var meanGroupTokens: Double? { Self.ratio(a.tokens + b.tokens, groups) }

    /// Bytes of text for a token of a side, its compression; nil without tokens.
    public func bytesPerToken(_ side: Side) -> Double? { Self.ratio(bytes, side.tokens) }

    /// Tokens of a side for a word; nil without words.
    public func tokensPerWord(_ side: Side) -> Double? { Self.ratio(side.tokens, words) }

    /// How many groups of each size there are, the most frequent first.
    public var groupSizes: [(size: GroupSize, count: Int)] {
        var sizes = otherSizes.map { (size: $0.key, count: $0.value) }
        if oneToOne > 0 { sizes.append((GroupSize(a: 1, b: 1), oneToOne)) }
        return sizes.sorted {
            ($1.count, $0.size.a, $0.size.b) < ($0.count, $1.size.a, $1.size.b)
        }
    }

    /// The worst texts, the worst first: those of which something is lost, then by their largest
    /// group, then by the share of groups that are not one to one, then in the order of adding.
    public var worst: [ReportedText] { ranking.texts }

    private static func ratio(_ amount: Int, _ count: Int) -> Double? {
        count == 0 ? nil : Double(amount) / Double(count)
    }

    private static func wordCount(_ text: String) -> Int {
        var (count, isBetween) = (0, true)
        for byte in text.utf8 {
            if isBetween, !byte.isWordSpace { count += 1 }
            isBetween = byte.isWordSpace
        }
        return count
    }
}

extension AlignmentReport.Side {
    fileprivate mutating func add(_ encoding: Encoding, _ loss: TextLoss) {
        tokens += encoding.ids.count
        uncoveredBytes += loss.uncoveredBytes
        if loss.failsRoundTrip { roundTripFailures += 1 }
    }
}
