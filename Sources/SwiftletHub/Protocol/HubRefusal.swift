import SwiftletBytes

/// What a status that is no success means.
enum HubRefusal {
    /// Statuses that may be better later.
    private static let transient: Set = [408, 425, 429, 500, 502, 503, 504]

    /// The failure that an answer is.
    static func failure(_ head: HTTPHead, _ what: String, hasToken: Bool) -> HTTPFailure {
        var failure = verdict(head, what, hasToken: hasToken)
        failure.status = head.status
        return failure
    }

    private static func verdict(_ head: HTTPHead, _ what: String, hasToken: Bool) -> HTTPFailure {
        // The Hub says why in headers; what it says is somebody's text.
        let reason = head["x-error-message"].map { ": \($0.prefix(300))" } ?? ""
        let status = head.status
        switch status {
        case 401, 403:
            return HTTPFailure(
                SwiftletError(
                    .hubAccess, file: what, "the Hub gives no access (\(status))\(reason)",
                    hint: hasToken
                        ? "the token's owner may have no access yet: it is asked for on the model's page"
                        : "private and gated models need a token: set HF_TOKEN. A name that does not "
                            + "exist is answered like this too"))
        case 404:
            let words =
                head["x-error-code"] == "RevisionNotFound"
                ? "the Hub has no such revision (404)"
                : "the Hub has no such repository or file (404)"
            return HTTPFailure(SwiftletError(.hubNotFound, file: what, words + reason))
        default:
            let error = SwiftletError(
                .hubRefused, file: what, "the Hub answers with status \(status)\(reason)")
            return transient.contains(status)
                ? .transient(error, after: head.retryAfter) : HTTPFailure(error)
        }
    }
}
