import CSwiftletSystem
import SwiftletLibc
import Synchronization

/// Runs work on several threads at once.
///
/// Only this and the compute engine start threads.
package enum ThreadTeam {
    /// The number of processors that this process may use.
    package static var processorCount: Int { Int(swiftlet_processor_count()) }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Calls `body` on `count` threads, including the caller's, and returns when all calls have
    /// returned.
    ///
    /// If the system refuses a thread there are fewer calls, so `body` must be work that any number
    /// of threads can share.
    package static func run(_ count: Int, _ body: @Sendable () -> Void) {
        withoutActuallyEscaping(body) { body in
            let work = Work(body)
            var threads: [pthread_t] = []
            for _ in 1..<max(count, 1) {
                guard let thread = start(work) else { break }
                threads.append(thread)
            }
            body()
            for thread in threads { pthread_join(thread, nil) }
        }
    }

    /// Calls `body` on a new thread and does not wait for it; on the caller's thread if the system
    /// refuses a new one.
    package static func start(_ body: @escaping @Sendable () -> Void) {
        guard let thread = start(Work(body)) else { return body() }
        pthread_detach(thread)
    }

    /// A running thread, which is joined at the latest when the object ends.
    ///
    /// `@unchecked` because Darwin's handle is a pointer; it never changes.
    final class Thread: @unchecked Sendable {
        private let handle: pthread_t
        private let isJoined = Atomic<Bool>(false)

        /// Calls `body` on a new thread; nil if the system refuses it.
        init?(_ body: @escaping @Sendable () -> Void) {
            guard let handle = start(Work(body)) else { return nil }
            self.handle = handle
        }

        deinit { join() }

        /// Waits until the call has returned.
        func join() {
            guard !isJoined.exchange(true, ordering: .relaxed) else { return }
            pthread_join(handle, nil)
        }
    }

    /// Starts a thread; nil if the system refuses it.
    private static func start(_ work: Work) -> pthread_t? {
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        // `threadMain` takes over this reference.
        let argument = unsafe Unmanaged.passRetained(work)
        guard unsafe pthread_create(&thread, nil, threadMain, argument.toOpaque()) == 0 else {
            unsafe argument.release()
            return nil
        }
        return thread
    }

    #if canImport(Darwin)
        private static let threadMain:
            @convention(c) (UnsafeMutableRawPointer) ->
                UnsafeMutableRawPointer? = {
                    unsafe Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body()
                    return nil
                }
    #else
        private static let threadMain:
            @convention(c) (UnsafeMutableRawPointer?) ->
                UnsafeMutableRawPointer? = { argument in
                    if let argument = unsafe argument {
                        unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                    }
                    return nil
                }
    #endif
}
