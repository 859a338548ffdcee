import CSwiftletKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Threads that share out the tiles of one operation at a time.
///
/// The caller works too. Which thread takes which tile is left to chance; operations are written so
/// that it does not matter.
public final class ThreadPool: Sendable {
    /// The threads that work at once, the caller's included.
    public let threadCount: Int

    private let shared: Shared
    private let workers: [Worker]
    private let oneCaller = Mutex<Void>(())

    /// Starts the threads.
    ///
    /// - Parameter threadCount: at least 1; 1 starts none.
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

    /// The processors that the system lets this process use.
    public static var processorCount: Int {
        Int(swiftlet_processor_count())
    }

    /// Calls `body` once for each index in `0..<count`, on all threads, and waits for the last.
    ///
    /// - Parameters:
    ///   - count: how many pieces of work there are.
    ///   - body: gets the index and the number of the thread, 0..<``threadCount``, by which it
    ///     finds memory of its own. It must not call the pool again. It is released when this
    ///     call returns, or soon after by a thread that came too late to work.
    public func forEach(_ count: Int, _ body: @escaping (_ index: Int, _ thread: Int) -> Void) {
        // One operation at a time, also where the caller works alone: thread 0's memory is one.
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

/// One operation's tiles. A thread that comes late finds no index left and never calls `body`.
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
            // A tile takes microseconds; a thread that lost its processor takes longer.
            if turns > 2_000 { sched_yield() }
        }
    }
}

/// What the callers tell the workers: the present job and how many there have been.
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

    /// Takes back a job that is done, with what its closure holds.
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

    /// Waits for a job newer than number `seen`: a while by looking, as operations follow each
    /// other closely, then asleep. nil when the pool ends.
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

/// A thread's handle, written once; Darwin's is a pointer, hence `@unchecked`.
private final class Worker: @unchecked Sendable {
    private let thread: pthread_t

    /// nil when the system gives no thread: the others then do its work.
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

    /// Waits for the thread's end. Where the pool's last holder is a closure that one of its own
    /// threads lets go, that thread ends by itself.
    func join() {
        if pthread_equal(thread, pthread_self()) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }
}
