import SwiftletBytes
import SwiftletLibc
import SwiftletTuning
import Synchronization

/// What signals do: they end the process after its temporary files are removed, or, while a run
/// listens, are recorded for it to check between steps.
///
/// A second signal of the same kind ends a run at once.
enum StopSignals {
    // A signal handler may use only lock-free atomics.
    private static let received = Atomic<Int32>(0)

    /// Records signals from now on.
    static func listen() {
        _ = received.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGXCPU] {
            // nohup ignores a closed terminal on purpose.
            if number == SIGHUP, isIgnored(number) { continue }
            signal(number) { number in
                StopSignals.received.store(number, ordering: .relaxed)
                // This one comes every second once the limit of CPU time is reached.
                if number != SIGXCPU { EarlyEnding.install(for: number) }
            }
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
            let handler = action.__sigaction_u.__sa_handler
        #else
            let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Prepares the process: before any work.
    static func prepare() {
        EarlyEnding.install()
        // A write beyond the file size limit fails, like one on a full disk.
        signal(SIGXFSZ, SIG_IGN)
        // So does one to a pipe that nobody reads: notes on stderr are not worth a run.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Ends the process as a pipe that nobody reads ends other programs: silently.
    static func endByBrokenPipe() -> Never {
        EarlyEnding.end(by: SIGPIPE)
    }

    /// The signal received so far.
    static var stop: FineTuner.Stop? {
        switch received.load(ordering: .relaxed) {
        case SIGINT, SIGHUP, SIGXCPU: .interrupted
        case SIGTERM: .terminated
        default: nil
        }
    }
}
