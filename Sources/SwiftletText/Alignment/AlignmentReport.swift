/// Statistics on how two tokenizers split a corpus, collected text by text.
///
/// ```swift
/// var report = AlignmentReport()
/// for text in texts { report.add(try pair.align(text)) }
/// print(report.oneToOneShare ?? 1, report.worst.first?.largestGroup ?? 0)
/// ```
public struct AlignmentReport: Sendable {
    /// Statistics on one of the tokenizers.
    public struct Side: Sendable, Equatable {
        /// The number of tokens in all texts.
        public internal(set) var tokens = 0
        /// The number of bytes that no token covers.
        public internal(set) var uncoveredBytes = 0
        /// The number of texts that do not survive decoding (``TextLoss/failsRoundTrip``).
        public internal(set) var roundTripFailures = 0
    }

    /// The size of a group.
    public struct GroupSize: Sendable, Hashable {
        /// The number of tokens on the first side.
        public let a: Int
        /// The number of tokens on the second side.
        public let b: Int
    }

    /// The number of texts.
    public private(set) var texts = 0
    /// Their length in UTF-8.
    public private(set) var bytes = 0
    /// The number of words in them, separated by white space (space, tab, line feed, carriage
    /// return).
    public private(set) var words = 0
    /// The number of common groups.
    public private(set) var groups = 0
    /// The number of groups of one token on either side.
    public private(set) var oneToOne = 0
    /// The number of texts of which a side loses something (not ``AlignedText/isWhole``).
    public private(set) var mismatches = 0
    /// The number of texts that have the same ids on both sides.
    public private(set) var identical = 0
    /// Statistics on the first tokenizer.
    public private(set) var a = Side()
    /// Statistics on the second tokenizer.
    public private(set) var b = Side()
    /// The number of groups of each size other than one token on either side.
    private var otherSizes: [GroupSize: Int] = [:]
    /// The first text with different ids.
    public private(set) var firstDifference: ReportedText?
    private var ranking: TextRanking

    /// Creates an empty report.
    ///
    /// - Parameter worst: The number of worst texts to keep.
    public init(keepingWorst worst: Int = 10) { ranking = TextRanking(maximumCount: worst) }

    /// Adds a text.
    ///
    /// - Parameters:
    ///   - text: The text as split by both tokenizers.
    ///   - name: A name for the text, which otherwise is known by its number.
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

    /// The share of groups of one token on either side, from 0 to 1; nil if there are no groups.
    public var oneToOneShare: Double? { Self.ratio(oneToOne, groups) }

    /// The mean number of tokens per group, counting both sides: 2 if all groups are one to one;
    /// nil if there are no groups.
    public var meanGroupTokens: Double? { Self.ratio(a.tokens + b.tokens, groups) }

    /// The number of bytes of text per token of a side, its compression; nil if there are no
    /// tokens.
    public func bytesPerToken(_ side: Side) -> Double? { Self.ratio(bytes, side.tokens) }

    /// The number of tokens of a side per word; nil if there are no words.
    public func tokensPerWord(_ side: Side) -> Double? { Self.ratio(side.tokens, words) }

    /// The number of groups of each size, the most frequent first.
    public var groupSizes: [(size: GroupSize, count: Int)] {
        var sizes = otherSizes.map { (size: $0.key, count: $0.value) }
        if oneToOne > 0 { sizes.append((GroupSize(a: 1, b: 1), oneToOne)) }
        return sizes.sorted {
            ($1.count, $0.size.a, $0.size.b) < ($0.count, $1.size.a, $1.size.b)
        }
    }

    /// The worst texts, the worst first: those of which something is lost, then by the size of
    /// their largest group, then by the share of groups that are not one to one, then in order.
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
