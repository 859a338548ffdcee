import SwiftletBytes
import Testing

@Suite struct RowOrderTests {
    @Test func pairsOfAHeadLieSideBySide() throws {
        // One head of six elements: halves become neighbours.
        let order = try #require(RowOrder(outer: 1, first: 2, second: 3, inner: 1))
        #expect((0..<6).map(order.storedRow) == [0, 2, 4, 1, 3, 5])
    }

    @Test func theInverseLeadsBack() throws {
        let order = try #require(RowOrder(outer: 2, first: 3, second: 4, inner: 5))
        let rows = (0..<order.count).map(order.storedRow)
        #expect(Set(rows) == Set(0..<order.count))
        #expect(rows.map(order.inverse.storedRow) == Array(0..<order.count))
    }

    @Test func sizesThatOverflowAreNoOrder() {
        #expect(RowOrder(outer: Int.max, first: 2, second: 1, inner: 1) == nil)
        #expect(RowOrder(outer: 0, first: 2, second: 1, inner: 1) == nil)
    }

    @Test func tensorsAreReordered() throws {
        let order = try #require(RowOrder(outer: 1, first: 2, second: 2, inner: 1))
        let stored = StoredTensor(
            name: "a", dtype: .u8, shape: [4, 2], bytes: ByteView([0, 1, 2, 3, 4, 5, 6, 7]),
            file: "f")
        let tensor = try #require(stored.reordered(from: order))
        #expect(try tensor.bytes.copy() == [0, 1, 4, 5, 2, 3, 6, 7])
        #expect(!tensor.isView && tensor.reorderingOf?.order == order)
        // The way back is the stored tensor.
        let back = try #require(tensor.reordered(from: order.inverse))
        #expect(back.isView)
        #expect(try back.bytes.copy() == stored.bytes.copy())
        let other = try #require(RowOrder(outer: 1, first: 1, second: 1, inner: 3))
        #expect(stored.reordered(from: other) == nil)
    }
}
