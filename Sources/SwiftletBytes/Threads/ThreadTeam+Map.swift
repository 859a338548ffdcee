import Synchronization

extension ThreadTeam {
    /// What `body` makes of many values, in their order, on several threads.
    ///
    /// - Parameters:
    ///   - values: the values.
    ///   - threads: how many threads work, at least one.
    package static func map<Value: Sendable, Result: Sendable>(
        _ values: [Value], threads: Int, _ body: @Sendable (Value) -> Result
    ) -> [Result] {
        // A few values at a time, so that threads end together and rarely meet at the counter.
        let step = max(1, min(64, values.count / max(threads * 4, 1)))
        let next = Atomic<Int>(0)
        let done = Mutex<[(first: Int, results: [Result])]>([])
        run(min(max(threads, 1), (values.count + step - 1) / step)) {
            while true {
                let first = next.add(step, ordering: .relaxed).oldValue
                guard first < values.count else { return }
                let results = values[first..<min(first + step, values.count)].map(body)
                done.withLock { $0.append((first, results)) }
            }
        }
        return done.withLock { $0 }.sorted { $0.first < $1.first }.flatMap { $0.results }
    }
}
