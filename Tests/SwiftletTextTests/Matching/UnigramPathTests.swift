import SwiftletBytes
import Testing

@testable import SwiftletText

/// Segmentations of a Unigram model, compared with trying every token at every place.
struct UnigramPathTests {
    /// A model of the given tokens, the first of which is the unknown one.
    static func model(_ tokens: [(spelling: String, score: Double)]) throws -> UnigramModel {
        let list = VocabularyList()
        for (id, token) in tokens.enumerated() {
            Array(token.spelling.utf8).withUnsafeBufferPointer {
                list.add($0, isVerbatim: false, id: id)
            }
        }
        return try #require(
            UnigramModel(
                try Vocabulary(list), scores: tokens.map(\.score), unknown: 0,
                fallsBackToBytes: false))
    }

    static func ids(_ model: UnigramModel, _ word: String) throws -> [Int32] {
        var tokens: [(id: Int32, range: Range<Int>)] = []
        try Array(word.utf8).withUnsafeBufferPointer { bytes throws(SwiftletError) in
            try model.append(bytes, to: &tokens)
        }
        #expect(tokens.reduce(0) { $0 + $1.range.count } == word.utf8.count)
        return tokens.map(\.id)
    }

    /// The ids of the best segmentation, and the number of bytes that walks of a trie look at.
    private func plain(
        _ tokens: [(spelling: String, score: Double)], _ word: String
    ) -> (ids: [Int32], looks: Int) {
        let word = Array(word.unicodeScalars)
        var known: [[Unicode.Scalar]: Int] = [:]
        var beginnings: Set<[Unicode.Scalar]> = []
        for (id, token) in tokens.enumerated() {
            let spelling = Array(token.spelling.unicodeScalars)
            known[spelling] = id
            for count in spelling.indices { beginnings.insert(Array(spelling[...count])) }
        }
        let unknown = (tokens.map(\.score).min() ?? 0) - 10
        var best = [(score: Double, start: Int, id: Int)?](repeating: nil, count: word.count + 1)
        best[0] = (0, 0, -1)
        var looks = 0
        for start in word.indices {
            let before = best[start]?.score ?? 0
            func reach(_ end: Int, _ score: Double, _ id: Int) {
                if let there = best[end], there.score >= before + score { return }
                best[end] = (before + score, start, id)
            }
            var end = start + 1
            while end <= word.count, beginnings.contains(Array(word[start..<end])) {
                if let id = known[Array(word[start..<end])] { reach(end, tokens[id].score, id) }
                looks += String(word[end - 1]).utf8.count
                end += 1
            }
            if known[[word[start]]] == nil { reach(start + 1, unknown, 0) }
        }
        var ids: [Int32] = []
        var end = word.count
        while end > 0, let path = best[end] {
            // Neighbouring unknown tokens are one.
            if path.id != 0 || ids.last != 0 { ids.append(Int32(path.id)) }
            end = path.start
        }
        return (ids.reversed(), looks)
    }

    @Test("long words have the segmentation of highest score that is found first", arguments: 1...4)
    func random(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let scores: [Double] = seed % 2 == 0 ? [-1, -2, -3] : (0..<50).map { -0.37 * Double($0) }
        var walkedTooFar = 0
        for round in 0..<30 {
            let letters = round % 3 == 0 ? ["a", "é", "日"] : ["a", "b", "a"]
            func run(_ longest: Int, _ random: inout SplitMix64) -> String {
                let count = Int.random(in: 1...longest, using: &random)
                return String(repeating: letters[0], count: count)
                    + (letters.randomElement(using: &random) ?? "")
            }
            var spellings = ["<unk>"]
            if round % 4 != 0 { spellings.append("a") }
            for _ in 0..<Int.random(in: 1...25, using: &random) {
                let spelling = run([4, 150][round % 2], &random)
                if !spellings.contains(spelling) { spellings.append(spelling) }
            }
            let tokens = spellings.map { ($0, scores.randomElement(using: &random) ?? 0) }
            let model = try Self.model(tokens)
            var word = ""
            while word.utf8.count < 500 { word += run(200, &random) }
            let (ids, looks) = plain(tokens, word)
            if looks > 1024 + 32 * word.utf8.count { walkedTooFar += 1 }
            #expect(try Self.ids(model, word) == ids, "\(tokens), \(word)")
        }
        // So that both ways of finding tokens are compared.
        #expect((1..<30).contains(walkedTooFar))
    }
}
