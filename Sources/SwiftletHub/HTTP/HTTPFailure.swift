import SwiftletBytes

/// Why a request failed, and whether another attempt may help.
struct HTTPFailure: Error {
    let error: SwiftletError
    /// Whether the same request may succeed later.
    var isTransient = false
    /// How long the server asks to wait.
    var pause: Duration?
    /// The status of an answer that refused.
    var status: Int?

    /// A failure that stays one.
    init(_ error: SwiftletError) { self.error = error }

    /// A failure that may pass.
    static func transient(_ error: SwiftletError, after pause: Duration? = nil) -> HTTPFailure {
        var failure = HTTPFailure(error)
        failure.isTransient = true
        failure.pause = pause
        return failure
    }
}
