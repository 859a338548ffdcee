import SwiftletBytes

/// The meaning of a status that is not a success.
enum HubRefusal {
    /// Statuses after which a later request may succeed.
    private static let transient: Set = [408, 425, 429, 500, 502, 503, 504]

    /// The failure that an answer stands for.
    static func failure(_ head: HTTPHead, _ what: String, hasToken: Bool) -> HTTPFailure {
        var failure = verdict(head, what, hasToken: hasToken)
        failure.status = head.status
        return failure
    }

    private static func verdict(_ head: HTTPHead, _ what: String, hasToken: Bool) -> HTTPFailure {
        // The Hub gives the reason in a header. The text is not trusted.
        let reason = head["x-error-message"].map { ": \($0.prefix(300))" } ?? ""
        let status = head.status
        switch status {
        case 401, 403:
            return HTTPFailure(
                SwiftletError(
                    .hubAccess, file: what, "the Hub denies access (\(status))\(reason)",
                    hint: hasToken
                        ? "the owner of the token may not have access yet; request it on the model's page"
                        : "private and gated models need a token in HF_TOKEN; the Hub also answers "
                            + "like this if the name does not exist"))
        case 404:
            let words =
                head["x-error-code"] == "RevisionNotFound"
                ? "the Hub has no such revision (404)"
                : "the Hub has no such repository or file (404)"
            return HTTPFailure(SwiftletError(.hubNotFound, file: what, words + reason))
        default:
            let error = SwiftletError(
                .hubRefused, file: what, "the Hub answered with status \(status)\(reason)")
            return transient.contains(status)
                ? .transient(error, after: head.retryAfter) : HTTPFailure(error)
        }
    }
}
