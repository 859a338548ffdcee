import SwiftletBytes

extension FineTuner {
    /// Runs in the background and streams what happens.
    ///
    /// Cancelling the task that consumes the stream saves the state and ends the run.
    ///
    /// - Parameter make: prepares the run, on the background task.
    /// - Returns: the events. The stream throws whatever `make` and ``run(shouldStop:onEvent:)`` throw.
    public static func stream(
        _ make: @escaping @Sendable () throws(SwiftletError) -> FineTuner
    ) -> AsyncThrowingStream<FineTuneEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task.detached {
                do {
                    _ = try make().run(shouldStop: { Task.isCancelled ? .interrupted : nil }) {
                        continuation.yield($0)
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}
