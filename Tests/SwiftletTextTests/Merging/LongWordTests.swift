import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// Words longer than a window.
struct LongWordTests {
    @Test("a word in which every token depends on the end", arguments: [6000, 6001])
    func dependsOnEnd(_ count: Int) {
        // Characters 0, 1, 2, …, each of which merges with the next; the last two merge first.
        let first: UInt32 = 0x4E00
        let word = String(
            String.UnicodeScalarView((0..<count).compactMap { Unicode.Scalar(first + UInt32($0)) }))
        #expect(word.utf8.count > 2 * LongWordMerger.window)
        let merges = (0..<Int32(count) - 1).reversed().map {
            Merge(left: $0, right: $0 + 1, result: Int32(count) + $0)
        }
        let pairs = stride(from: count % 2, to: count, by: 2).map { Int32(count + $0) }
        #expect(
            merge(word, merges) { Int32($0 - first) } == (count % 2 == 1 ? [0] + pairs : pairs))
    }

    @Test("a token longer than a window")
    func longToken() {
        // a is 0, b is 1, ab is 2, aab is 3, …
        let length = 2 * LongWordMerger.window
        let merges = (2...Int32(length)).map { Merge(left: 0, right: $0 - 1, result: $0) }
        let word = String(repeating: "a", count: length - 1) + "b"
        #expect(merge(word, merges) { $0 == 0x61 ? 0 : 1 } == [Int32(length)])
    }

    @Test("random words and merges in random order give the result of a heap", arguments: 1...6)
    func random(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var merges: [Merge] = []
        var known: Set<[Int32]> = []
        while merges.count < 200 {
            let result = Int32(4 + merges.count)
            let pair = [
                Int32.random(in: 0..<result, using: &random),
                Int32.random(in: 0..<min(result, 12), using: &random),
            ]
            guard known.insert(pair).inserted else { continue }
            merges.append(Merge(left: pair[0], right: pair[1], result: result))
        }
        if seed % 2 == 0 { merges.shuffle(using: &random) }
        let letters = Array("abcdé→".unicodeScalars)
        let word = String(
            String.UnicodeScalarView(
                (0..<40_000).map { _ in letters.randomElement(using: &random) ?? "a" }))
        func symbol(_ code: UInt32) -> Int32 { code < 0x80 ? Int32(code) - 0x61 : 1_000_000 }
        var expected: [Int32] = []
        let bytes = Array(word.utf8)
        bytes.withUnsafeBufferPointer { bytes in
            let list = SymbolList(capacity: bytes.count)
            fill(list, bytes, symbol)
            list.mergeByHeap(MergeTable(merges, ranks: merges.indices.map(UInt32.init))) { _ in }
            list.forEach { id, _ in expected.append(id) }
        }
        #expect(merge(word, merges, symbol) == expected)
        #expect(expected.count < 40_000)
    }

    /// The tokens of a word whose characters have the given symbols; checks that they partition it.
    private func merge(
        _ word: String, _ merges: [Merge], _ symbol: (UInt32) -> Int32
    ) -> [Int32] {
        var ids: [Int32] = []
        var merger = LongWordMerger()
        Array(word.utf8).withUnsafeBufferPointer { bytes in
            var position = 0
            merger.merge(bytes, MergeTable(merges, ranks: merges.indices.map(UInt32.init))) {
                list, part in
                fill(list, part, symbol)
            } _: { id, range in
                #expect(range.lowerBound == position)
                ids.append(id)
                position = range.upperBound
            }
            #expect(position == bytes.count)
        }
        return ids
    }

    private func fill(
        _ list: SymbolList, _ text: UnsafeBufferPointer<UInt8>, _ symbol: (UInt32) -> Int32
    ) {
        list.removeAll()
        guard let base = text.baseAddress else { return }
        var position = 0
        while position < text.count {
            let (code, length) = CheckedUTF8.decode(base, position, text.count)
            list.append(symbol(code), at: position)
            position += length
        }
        list.end(at: text.count)
    }
}
