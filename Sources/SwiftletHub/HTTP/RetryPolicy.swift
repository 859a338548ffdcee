import SwiftletBytes

/// How often and when a failed request is made again.
public struct RetryPolicy: Sendable {
    /// Attempts in a row that may fail without getting further.
    public var attempts = 5
    /// The pause after the first failure; each one more doubles it.
    public var firstPause = Duration.seconds(1)
    /// The longest pause of our own.
    public var longestPause = Duration.seconds(8)
    /// The longest pause that a server may ask for; one that asks for more has refused.
    public var longestRetryAfter = Duration.seconds(120)

    /// The usual policy.
    public init() {}

    /// Bytes of progress after which failures count anew. Below it a server could keep a download
    /// going for ever, a byte an attempt.
    private static let progress = 1 << 20

    /// Does `work` until it succeeds, fails for good, or has failed too often.
    ///
    /// - Parameters:
    ///   - done: how many bytes are done, by which progress shows.
    ///   - shouldStop: asked while pausing.
    /// - Throws: the last failure, or ``SwiftletError/Code/cancelled``.
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
                        hint: "the server asks to come back in \(pause.components.seconds) seconds")
                }
                try Pause.sleep(pause, unless: shouldStop)
            }
        }
    }
}
