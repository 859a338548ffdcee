import SwiftletBytes
import SwiftletLibc

/// Sleeping on a thread, with a way to stop early.
enum Pause {
    private static let step = Duration.milliseconds(50)

    /// Sleeps.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cancelled`` soon after `shouldStop` returns true.
    static func sleep(
        _ duration: Duration, unless shouldStop: () -> Bool
    ) throws(SwiftletError) {
        let clock = ContinuousClock()
        let end = clock.now + duration
        repeat {
            if shouldStop() { throw .stopped }
            let left = min(end - clock.now, step)
            if left > .zero { usleep(UInt32(max(left.milliseconds, 1)) * 1000) }
        } while clock.now < end
    }
}
