import Testing

@testable import SwiftletCheckpoint

@Suite("The order of shards")
struct NaturalOrderTests {
    @Test("names are in the order of transformers' dot_natural_key")
    func order() {
        // Sorted by Python with that key.
        let names = [
            "0", "2.x", "10", "10.0", "10.a", "10.a.0", "10.a.b", "", "", "a", "a.00", "a.1",
            "a.1.w", "a.02", "a.10", "a.99999999999999999999999", "a.b", "a1", "a02", "a3.x",
            "a10", "ab", "b0", "\u{E9}", "\u{4E00}",
        ]
        #expect(
            names.reversed().sorted { NaturalOrder($0) < NaturalOrder($1) } == names)
        #expect(NaturalOrder("a.1") == NaturalOrder("a.01"))
        #expect(NaturalOrder("a.1") != NaturalOrder("a.1.b"))
        #expect(!(NaturalOrder("a1") < NaturalOrder("a01")))
    }
}
