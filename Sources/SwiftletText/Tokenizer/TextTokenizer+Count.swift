import SwiftletBytes
import Synchronization

extension TextTokenizer {
    /// Counts the tokens of texts on several threads.
    ///
    /// - Parameters:
    ///   - documents: Texts in UTF-8, each encoded separately.
    ///   - addSpecialTokens: Whether to count the tokens that the family puts around a text.
    ///   - specialTokens: How special-token strings in a text are treated; nil for the family's
    ///     default.
    ///   - threads: The number of threads, at least one.
    /// - Returns: The number of tokens of all texts together.
    /// - Throws: As ``encodeIDs(utf8:addSpecialTokens:specialTokens:)``, for the first document
    ///   that fails.
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
