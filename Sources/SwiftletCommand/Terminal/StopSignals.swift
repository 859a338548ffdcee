import SwiftletLibc
import SwiftletTuning
import Synchronization

/// Records SIGINT and SIGTERM for a run to check between steps.
///
/// A second signal of the same kind ends the process at once, as usual.
enum StopSignals {
    // A signal handler may use only lock-free atomics.
    private static let received = Atomic<Int32>(0)

    /// Installs the handlers.
    static func listen() {
        _ = received.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                StopSignals.received.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }

    /// Makes a write beyond the file size limit fail, like one on a full disk, instead of ending the
    /// process.
    static func ignoreFileSizeLimit() { signal(SIGXFSZ, SIG_IGN) }

    /// The signal received so far.
    static var stop: FineTuner.Stop? {
        switch received.load(ordering: .relaxed) {
        case SIGINT: .interrupted
        case SIGTERM: .terminated
        default: nil
        }
    }
}
