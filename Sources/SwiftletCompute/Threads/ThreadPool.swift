import SwiftletBytes
import SwiftletLibc
import Synchronization

/// Threads that divide the tiles of one operation at a time among themselves.
///
/// The calling thread works too. Which thread processes which tile varies from run to run; operations
/// are written so that it does not matter.
public final class ThreadPool: Sendable {
    /// The number of threads, including the caller's.
    public let threadCount: Int

    private let shared: Shared
    private let workers: [Worker]
    private let oneCaller = Mutex<Void>(())

    /// Starts the threads.
    ///
    /// - Parameter threadCount: the number of threads, including the caller's; at least 1.
    public init(threadCount: Int = ThreadPool.processorCount) {
        self.threadCount = max(threadCount, 1)
        let shared = Shared()
        self.shared = shared
        workers = (1..<max(threadCount, 1)).compactMap { Worker(shared, index: $0) }
    }

    deinit {
        shared.stop()
        for worker in workers { worker.join() }
    }

    /// The number of processors that this process may use.
    public static var processorCount: Int {
        ThreadTeam.processorCount
    }

    /// Calls `body` once for each index in `0..<count` on all threads, and returns when all calls have
    /// returned.
    ///
    /// - Parameters:
    ///   - count: the number of pieces of work.
    ///   - body: receives the index and the number of the thread in 0..<``threadCount``, by which it
    ///     finds the thread's memory. It must not call the pool. It is released when this call
    ///     returns, or soon after by a thread that arrived too late to work.
    public func forEach(_ count: Int, _ body: @escaping (_ index: Int, _ thread: Int) -> Void) {
        // One operation at a time, even if the caller works alone: there is one scratch memory for
        // thread 0.
        oneCaller.withLock { _ in
            guard count > 1, !workers.isEmpty else {
                for index in 0..<max(count, 0) { body(index, 0) }
                return
            }
            let job = Job(count: count, body: body)
            shared.publish(job)
            job.work(thread: 0)
            job.waitUntilDone()
            shared.withdraw()
        }
    }
}

/// The tiles of one operation.
///
/// A thread that arrives late finds no index left and does not call `body`.
private final class Job: @unchecked Sendable {
    private let count: Int
    private let body: (Int, Int) -> Void
    private let next = Atomic<Int>(0)
    private let done = Atomic<Int>(0)

    init(count: Int, body: @escaping (Int, Int) -> Void) {
        self.count = count
        self.body = body
    }

    func work(thread: Int) {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            body(index, thread)
            done.wrappingAdd(1, ordering: .acquiringAndReleasing)
        }
    }

    func waitUntilDone() {
        var turns = 0
        while done.load(ordering: .acquiring) < count {
            turns += 1
            // A tile takes microseconds, unless the system has suspended its thread.
            if turns > 2_000 { sched_yield() }
        }
    }
}

/// The current job and the number of jobs so far, by which callers reach the workers.
private final class Shared: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let generation = Atomic<Int>(0)
    private var job: Job?
    private var stopping = false

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Hands out a job.
    func publish(_ job: Job) { change { self.job = job } }

    /// Releases a finished job and what its closure captured.
    func withdraw() {
        pthread_mutex_lock(mutex)
        job = nil
        pthread_mutex_unlock(mutex)
    }

    /// Ends the workers.
    func stop() { change { stopping = true } }

    private func change(_ change: () -> Void) {
        pthread_mutex_lock(mutex)
        change()
        generation.wrappingAdd(1, ordering: .releasing)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Waits for a job after number `seen`; nil when the pool ends.
    ///
    /// Operations follow each other closely, so it polls for a while before it sleeps.
    func next(after seen: inout Int) -> Job? {
        while true {
            for _ in 0..<20_000 where generation.load(ordering: .relaxed) != seen { break }
            pthread_mutex_lock(mutex)
            while generation.load(ordering: .relaxed) == seen {
                pthread_cond_wait(condition, mutex)
            }
            seen = generation.load(ordering: .relaxed)
            let (job, stopping) = (job, stopping)
            pthread_mutex_unlock(mutex)
            if stopping { return nil }
            if let job { return job }
        }
    }
}

/// The handle of a thread, which never changes.
///
/// `@unchecked` because Darwin's handle is a pointer.
private final class Worker: @unchecked Sendable {
    private let thread: pthread_t

    /// Starts a thread; nil if the system cannot, in which case the others do its work.
    init?(_ shared: Shared, index: Int) {
        final class Start {
            let shared: Shared
            let index: Int
            init(_ shared: Shared, _ index: Int) { (self.shared, self.index) = (shared, index) }
        }
        let start = Unmanaged.passRetained(Start(shared, index))
        #if canImport(Darwin)
            var created: pthread_t?
        #else
            var created = pthread_t()
        #endif
        let status = pthread_create(
            &created, nil,
            { argument in
                #if canImport(Darwin)
                    let raw = argument
                #else
                    guard let raw = argument else { return nil }
                #endif
                let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                var seen = 0
                while let job = start.shared.next(after: &seen) { job.work(thread: start.index) }
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            return nil
        }
        #if canImport(Darwin)
            guard let created else { return nil }
        #endif
        thread = created
    }

    /// Waits for the thread to end.
    ///
    /// If one of the pool's own threads releases the last reference to the pool, that thread is
    /// detached instead.
    func join() {
        if pthread_equal(thread, pthread_self()) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }
}
