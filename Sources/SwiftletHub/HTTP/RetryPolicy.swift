import SwiftletBytes

/// How failed requests are retried.
public struct RetryPolicy: Sendable {
    /// The number of attempts in a row that may fail without progress.
    public var attempts = 5
    /// The pause after the first failure; it doubles with each further failure.
    public var firstPause = Duration.seconds(1)
    /// The longest pause unless the server asks for one.
    public var longestPause = Duration.seconds(8)
    /// The longest pause that a server may ask for; asking for more counts as a refusal.
    public var longestRetryAfter = Duration.seconds(120)

    /// Creates the default policy.
    public init() {}

    /// The number of bytes after which the count of failures starts again.
    ///
    /// With fewer, a server could keep a download running forever at one byte per attempt.
    private static let progress = 1 << 20

    /// Calls `work` until it succeeds, fails permanently, or has failed too often.
    ///
    /// - Parameters:
    ///   - done: returns the number of bytes done, which shows progress.
    ///   - shouldStop: called during pauses.
    ///   - work: makes one attempt.
    /// - Returns: the result of the attempt that succeeded.
    /// - Throws: the last failure, or ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    func run<R>(
        done: () -> Int = { 0 }, shouldStop: () -> Bool, _ work: () throws(HTTPFailure) -> R
    ) throws(SwiftletError) -> R {
        var failures = 0
        var mark = done()
        while true {
            do throws(HTTPFailure) {
                return try work()
            } catch {
                if done() - mark >= Self.progress { (failures, mark) = (0, done()) }
                failures += 1
                guard error.isTransient, failures < attempts else { throw error.error }
                let pause =
                    error.pause ?? min(firstPause * (1 << min(failures - 1, 16)), longestPause)
                guard pause <= longestRetryAfter else {
                    throw SwiftletError(
                        error.error.code, file: error.error.file, error.error.reason,
                        at: error.error.place,
                        hint: "the server asks to retry in \(pause.components.seconds) seconds")
                }
                try Pause.sleep(pause, unless: shouldStop)
            }
        }
    }
}
