import Synchronization

extension ThreadTeam {
    /// Maps values on several threads.
    ///
    /// - Parameters:
    ///   - values: the values.
    ///   - threads: the number of threads, at least one.
    ///   - body: maps one value; called from any thread.
    /// - Returns: the results, in the order of the values.
    package static func map<Value: Sendable, Result: Sendable>(
        _ values: [Value], threads: Int, _ body: @Sendable (Value) -> Result
    ) -> [Result] {
        // A few values at a time, so that threads end together and rarely contend for the counter.
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
