extension SwiftletError.Code {
    /// The task was cancelled; nothing half done is left behind.
    public static let cancelled = Self("cancelled", .interrupted)
}

extension SwiftletError {
    /// Ends a long work whose task has been cancelled.
    ///
    /// - Throws: ``Code/cancelled``.
    public static func checkCancellation() throws(SwiftletError) {
        if Task.isCancelled { throw SwiftletError(.cancelled, "stopped before the end") }
    }
}
