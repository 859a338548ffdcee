extension SwiftletError.Code {
    /// The task was cancelled.
    ///
    /// No partial output is left behind.
    public static let cancelled = Self("cancelled", .interrupted)
}

extension SwiftletError {
    /// Throws if the current task has been cancelled: for long calls.
    ///
    /// - Throws: ``Code/cancelled``.
    public static func checkCancellation() throws(SwiftletError) {
        if Task.isCancelled { throw .stopped }
    }

    /// Work was stopped on request before it was complete.
    package static var stopped: SwiftletError { SwiftletError(.cancelled, "stopped") }
}
