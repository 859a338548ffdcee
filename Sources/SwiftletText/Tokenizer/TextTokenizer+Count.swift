import SwiftletBytes
import Synchronization

extension TextTokenizer {
    /// How many tokens texts have, counted on several threads.
    ///
    /// - Parameters:
    ///   - documents: UTF-8 texts, each encoded for itself.
    ///   - addSpecialTokens: whether the tokens that the family puts around a text are counted.
    ///   - specialTokens: what special tokens are that stand in a text; nil: what the family does.
    ///   - threads: how many threads work, at least one.
    /// - Throws: ``SwiftletError/Code/notUTF8`` for the first document that is not UTF-8.
    public func tokenCount(
        of documents: [ByteView], addSpecialTokens: Bool = true,
        specialTokens: SpecialTokens? = nil, threads: Int
    ) throws(SwiftletError) -> Int {
        let next = Atomic<Int>(0)
        let total = Atomic<Int>(0)
        let failure = Mutex<(document: Int, error: SwiftletError)?>(nil)
        ThreadTeam.run(min(max(threads, 1), max(documents.count, 1))) {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < documents.count else { return }
                do throws(SwiftletError) {
                    let ids = try self.encodeIDs(
                        utf8: documents[index], addSpecialTokens: addSpecialTokens,
                        specialTokens: specialTokens)
                    total.add(ids.count, ordering: .relaxed)
                } catch {
                    failure.withLock { first in
                        if first.map({ index < $0.document }) ?? true { first = (index, error) }
                    }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure.error }
        return total.load(ordering: .relaxed)
    }
}
