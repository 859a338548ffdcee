import Synchronization

/// A value that is made when it is first needed, once for all threads.
final class LazyValue<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    /// The value; `make` makes it if there is none yet.
    func get(_ make: () -> Value) -> Value {
        value.withLock { value in
            if let value { return value }
            let fresh = make()
            value = fresh
            return fresh
        }
    }
}
