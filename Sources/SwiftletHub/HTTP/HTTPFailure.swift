import SwiftletBytes

/// Why a request failed, and whether another attempt may help.
struct HTTPFailure: Error {
    let error: SwiftletError
    /// Whether the same request may succeed later.
    var isTransient = false
    /// The pause that the server asks for.
    var pause: Duration?
    /// The status, if the failure is an answer.
    var status: Int?

    /// A permanent failure.
    init(_ error: SwiftletError) { self.error = error }

    /// A failure after which another attempt may succeed.
    static func transient(_ error: SwiftletError, after pause: Duration? = nil) -> HTTPFailure {
        var failure = HTTPFailure(error)
        failure.isTransient = true
        failure.pause = pause
        return failure
    }
}
