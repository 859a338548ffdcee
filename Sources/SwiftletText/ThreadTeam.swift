#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs a piece of work on several threads at once: the one place that starts threads here.
enum ThreadTeam {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Calls `body` on `count` threads, the caller's among them, and returns when all are done. A
    /// thread that the system refuses is not missed: `body` is work that any number can share.
    static func run(_ count: Int, _ body: @Sendable () -> Void) {
        withoutActuallyEscaping(body) { body in
            let work = Work(body)
            var threads: [pthread_t] = []
            for _ in 1..<max(count, 1) {
                #if canImport(Darwin)
                    var thread: pthread_t?
                #else
                    var thread = pthread_t()
                #endif
                let argument = Unmanaged.passRetained(work)
                let status = pthread_create(&thread, nil, threadMain, argument.toOpaque())
                guard status == 0 else {
                    argument.release()
                    break
                }
                #if canImport(Darwin)
                    if let thread { threads.append(thread) }
                #else
                    threads.append(thread)
                #endif
            }
            body()
            for thread in threads { pthread_join(thread, nil) }
        }
    }

    #if canImport(Darwin)
        private static let threadMain:
            @convention(c) (UnsafeMutableRawPointer) ->
                UnsafeMutableRawPointer? = {
                    Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body()
                    return nil
                }
    #else
        private static let threadMain:
            @convention(c) (UnsafeMutableRawPointer?) ->
                UnsafeMutableRawPointer? = { argument in
                    if let argument {
                        Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                    }
                    return nil
                }
    #endif
}
