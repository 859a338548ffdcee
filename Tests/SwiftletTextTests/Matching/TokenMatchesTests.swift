import SwiftletBytes
import Testing

@testable import SwiftletText

/// Matches of several strings, compared with a matcher that tries every string at every place.
struct TokenMatchesTests {
    /// Random strings and a text over the same few letters, with runs of one letter.
    private func random(
        _ random: inout SplitMix64, longest: Int
    ) -> (strings: [[UInt8]], text: [UInt8]) {
        let letters = Array(
            [Array("ab".utf8), Array("abc".utf8), [0, 0x61, 0xFF]].randomElement(
                using: &random) ?? [])
        func word(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
            var word: [UInt8] = []
            while word.count < count {
                let run = Int.random(in: 1...4, using: &random)
                let letter = letters.randomElement(using: &random) ?? 0
                word += [UInt8](repeating: letter, count: run == 4 ? longest / 2 + 1 : 1)
            }
            return Array(word.prefix(count))
        }
        var strings: Set<[UInt8]> = []
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            strings.insert(word(Int.random(in: 1...longest, using: &random), &random))
        }
        let sorted = strings.sorted { $0.lexicographicallyPrecedes($1) }
        return (sorted, word(Int.random(in: 0...300, using: &random), &random))
    }

    private func plainMatch(
        _ strings: [[UInt8]], _ text: [UInt8], _ position: Int
    ) -> TokenMatches.Match? {
        let found = strings.indices.filter { text[position...].starts(with: strings[$0]) }
        let longest = found.max { strings[$0].count < strings[$1].count }
        return longest.map {
            TokenMatches.Match(entry: $0, range: position..<position + strings[$0].count)
        }
    }

    @Test(
        "matches are the leftmost and longest, whether walked to or found at once",
        arguments: [nil, 0, 5, 100], [2, 7, 90])
    func matches(_ looks: Int?, _ longest: Int) {
        var random = SplitMix64(seed: UInt64(longest))
        for _ in 0..<150 {
            let (strings, text) = self.random(&random, longest: longest)
            let trie = TokenTrie(strings)
            let place: Comment = "\(strings), \(text)"
            text.withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                var matches = TokenMatches(trie, base, text.count, looks: looks)
                var position = 0
                while position < text.count {
                    let expected = (position..<text.count).lazy
                        .compactMap { plainMatch(strings, text, $0) }.first
                    #expect(matches.first(from: position) == expected, place)
                    position = expected?.range.upperBound ?? text.count
                }
                #expect(matches.first(from: text.count) == nil, place)
            }
        }
    }

    @Test(
        "the longest string at a place is found also where one before it overlaps the place",
        arguments: [nil, 0, 5, 100], [2, 7, 90])
    func lengths(_ looks: Int?, _ longest: Int) {
        var random = SplitMix64(seed: UInt64(longest + 1))
        for _ in 0..<150 {
            let (strings, text) = self.random(&random, longest: longest)
            let trie = TokenTrie(strings)
            text.withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                var matches = TokenMatches(trie, base, text.count, looks: looks)
                var position = 0
                while position < text.count {
                    #expect(
                        matches.length(at: position)
                            == plainMatch(strings, text, position)?.range.count,
                        "\(strings), \(text), \(position)")
                    position += Int.random(in: 1...3, using: &random)
                }
                #expect(matches.length(at: text.count) == nil)
            }
        }
    }

    @Test("a match reports the number given last with its string; empty strings are ignored")
    func numbers() {
        let trie = TokenTrie([([], 9), (Array("ab".utf8), 7), (Array("ab".utf8), 5)])
        for looks in [nil, 0] {
            let text = Array("aaabab".utf8)
            text.withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                var matches = TokenMatches(trie, base, text.count, looks: looks)
                #expect(matches.first(from: 0) == .init(entry: 5, range: 2..<4))
                #expect(matches.first(from: 4) == .init(entry: 5, range: 4..<6))
                #expect(matches.first(from: 6) == nil)
            }
        }
    }

    @Test("a literal is found from left to right, without overlaps")
    func literal() throws {
        var random = SplitMix64(seed: 3)
        for round in 0..<1000 {
            let (strings, text) = self.random(&random, longest: [3, 6, 40][round % 3])
            guard let literal = strings.randomElement(using: &random) else { continue }
            var expected: [Range<Int>] = []
            var replaced: [UInt8] = []
            var position = 0
            while position < text.count {
                if let match = plainMatch([literal], text, position) {
                    expected.append(match.range)
                    position = match.range.upperBound
                    replaced += [1, 2]
                } else {
                    replaced.append(text[position])
                    position += 1
                }
            }
            let pattern = try #require(LiteralPattern(literal))
            var found: [Range<Int>] = []
            text.withUnsafeBufferPointer { pattern.forEachMatch(in: $0) { found.append($0) } }
            #expect(found == expected, "\(literal), \(text)")
            #expect(pattern.replaced(in: text, by: [1, 2]) == replaced, "\(literal), \(text)")
            #expect(
                text.replacing(literal: literal, by: [1, 2]) == replaced, "\(literal), \(text)")
        }
        #expect(LiteralPattern([]) == nil)
    }
}
