import SwiftletBytes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Waiting on a thread that can be called off.
enum Pause {
    private static let step = Duration.milliseconds(50)

    /// Sleeps.
    ///
    /// - Throws: ``SwiftletError/Code/cancelled`` soon after `shouldStop` says so.
    static func sleep(
        _ duration: Duration, unless shouldStop: () -> Bool
    ) throws(SwiftletError) {
        let clock = ContinuousClock()
        let end = clock.now + duration
        repeat {
            if shouldStop() { throw SwiftletError(.cancelled, "stopped before the end") }
            let left = min(end - clock.now, step)
            if left > .zero { usleep(UInt32(max(left.milliseconds, 1)) * 1000) }
        } while clock.now < end
    }
}
