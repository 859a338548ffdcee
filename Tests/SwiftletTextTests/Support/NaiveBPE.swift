import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// BPE by its definition, for the small vocabulary, on strings: repeatedly the pair of lowest rank
/// is merged, the leftmost first.
struct NaiveBPE {
    private var ids: [String: Int32] = [:]
    private var ranks: [[String]: Int] = [:]

    /// Creates one with the fixture's merges, or with those of another `merges.txt`.
    init(merges: String? = nil) throws {
        let vocab = try #require(
            JSONValue.read(path: TestFiles.fixture("bpe-small/vocab.json")).object)
        for (token, id) in vocab.pairs { ids[token] = Int32(try #require(id.int)) }
        let lines = try (merges ?? SmallVocabulary.text("merges.txt")).split(separator: "\n")
        for (rank, line) in lines.dropFirst().enumerated() {
            ranks[line.split(separator: " ").map(String.init)] = rank
        }
    }

    /// The ids of one word.
    func merge(_ word: [UInt8]) -> [Int32] {
        var parts = word.map { Self.spelling($0) }
        while parts.count > 1 {
            var best: (rank: Int, index: Int)?
            for index in 0..<parts.count - 1 {
                if let rank = ranks[[parts[index], parts[index + 1]]],
                    rank < best?.rank ?? Int.max
                {
                    best = (rank, index)
                }
            }
            guard let best else { break }
            parts[best.index] += parts.remove(at: best.index + 1)
        }
        return parts.compactMap { ids[$0] }
    }

    /// The words of GPT-2's pattern, found by the standard library's regular expressions, for text
    /// on which the two agree: ASCII.
    static func words(_ ascii: String) -> [String] {
        let pattern =
            /'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\t-\r 0-9A-Za-z]+|[\t-\r ]+(?![^\t-\r ])|[\t-\r ]+/
            .matchingSemantics(.unicodeScalar)
        return ascii.matches(of: pattern).map { String($0.output) }
    }

    /// The character that spells a byte.
    private static func spelling(_ byte: UInt8) -> String {
        let plain: [ClosedRange<UInt8>] = [0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF]
        if plain.contains(where: { $0.contains(byte) }) {
            return String(Unicode.Scalar(byte))
        }
        let others = (UInt8.min...UInt8.max).filter { byte in
            !plain.contains { $0.contains(byte) }
        }
        let index = others.firstIndex(of: byte) ?? 0
        return Unicode.Scalar(UInt32(0x100 + index)).map { String($0) } ?? ""
    }
}
