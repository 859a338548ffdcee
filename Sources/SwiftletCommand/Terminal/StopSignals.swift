import SwiftletTuning
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Turns SIGINT and SIGTERM into a wish that a run looks up between steps. A second signal of the
/// kind ends the process at once, as it would have without us.
enum StopSignals {
    // A handler may touch nothing but lock-free atomics.
    private static let received = Atomic<Int32>(0)

    /// Starts listening.
    static func listen() {
        _ = received.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                StopSignals.received.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }

    /// Lets a write beyond the file size limit fail, as one on a full disk does, rather than end the
    /// process half way.
    static func ignoreFileSizeLimit() { signal(SIGXFSZ, SIG_IGN) }

    /// What has come.
    static var stop: FineTuner.Stop? {
        switch received.load(ordering: .relaxed) {
        case SIGINT: .interrupted
        case SIGTERM: .terminated
        default: nil
        }
    }
}
