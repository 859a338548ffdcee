import SwiftletBytes
import Synchronization

extension TextTokenizer {
    /// The encodings of many texts, in their order, made on several threads.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - threads: how many threads work, at least one.
    ///   - addSpecialTokens: whether the tokens that the family puts around a text are added.
    ///   - specialTokens: what special tokens are that stand in a text; nil: what the family does.
    public func encode(
        batch texts: [String], threads: Int, addSpecialTokens: Bool = true,
        specialTokens: SpecialTokens? = nil
    ) -> [Encoding] {
        // A few texts at a time, so that threads end together and rarely meet at the counter.
        let step = max(1, min(64, texts.count / max(threads * 4, 1)))
        let next = Atomic<Int>(0)
        let done = Mutex<[(first: Int, encodings: [Encoding])]>([])
        ThreadTeam.run(min(max(threads, 1), (texts.count + step - 1) / step)) {
            while true {
                let first = next.add(step, ordering: .relaxed).oldValue
                guard first < texts.count else { return }
                let slice = texts[first..<min(first + step, texts.count)]
                let encodings = slice.map {
                    self.encode(
                        $0, addSpecialTokens: addSpecialTokens, specialTokens: specialTokens)
                }
                done.withLock { $0.append((first, encodings)) }
            }
        }
        return done.withLock { $0 }.sorted { $0.first < $1.first }.flatMap { $0.encodings }
    }
}
