/// A value that another thread computes.
package final class BackgroundValue<Value: Sendable>: Sendable {
    /// Written by the thread before it ends, and read after that.
    private final class Place: @unchecked Sendable { var value: Value? }

    private let place = Place()
    private let thread: ThreadTeam.Thread?

    /// Starts to compute a value on a thread of its own; if the system refuses one, computes it
    /// here.
    package init(_ compute: @escaping @Sendable () -> Value) {
        let place = place
        let body: @Sendable () -> Void = { place.value = compute() }
        thread = ThreadTeam.Thread(body)
        if thread == nil { body() }
    }

    /// The value; waits for it.
    ///
    /// One thread at a time may ask.
    package var value: Value? {
        thread?.join()
        return place.value
    }
}
