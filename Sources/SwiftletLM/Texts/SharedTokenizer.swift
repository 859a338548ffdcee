import SwiftletBytes
import SwiftletText
import Synchronization

/// The tokenizer of a model folder, opened on first use and shared from then on.
final class SharedTokenizer: Sendable {
    private let path: String
    private let opened = Mutex<TextTokenizer?>(nil)

    init(path: String) { self.path = path }

    /// The tokenizer.
    ///
    /// - Throws: as `TextTokenizer.init(path:)`, again on each call until one succeeds.
    func callAsFunction() throws(SwiftletError) -> TextTokenizer {
        try opened.withLock { opened throws(SwiftletError) in
            if let opened { return opened }
            let tokenizer = try TextTokenizer(path: path)
            opened = tokenizer
            return tokenizer
        }
    }
}
