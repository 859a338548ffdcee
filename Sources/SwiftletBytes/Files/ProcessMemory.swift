#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The memory of this process.
public struct ProcessMemory: Sendable, Equatable {
    /// The most bytes that were resident at once, pages of mapped files among them.
    public let peakResident: Int
    /// The bytes resident now that belong to no file; nil where the system does not say.
    public let anonymous: Int?

    /// Asks the system.
    public static var current: ProcessMemory {
        #if canImport(Darwin)
            var usage = unsafe rusage()
            let known = unsafe getrusage(RUSAGE_SELF, &usage) == 0
            return ProcessMemory(peakResident: known ? Int(usage.ru_maxrss) : 0, anonymous: nil)
        #else
            let account = account
            return ProcessMemory(
                peakResident: bytes("VmHWM:", account) ?? 0,
                anonymous: bytes("RssAnon:", account))
        #endif
    }

    #if !canImport(Darwin)
        /// Linux's account of the process, in lines like `RssAnon:   123 kB`.
        private static var account: [UInt8] {
            let descriptor = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return [] }
            defer { close(descriptor) }
            return unsafe [UInt8](unsafeUninitializedCapacity: 1 << 13) { target, count in
                // In bounds: so many bytes are reserved.
                count = unsafe max(read(descriptor, target.baseAddress, target.count), 0)
            }
        }

        private static func bytes(_ name: String, _ account: [UInt8]) -> Int? {
            let lines = account.split(separator: UInt8(ascii: "\n"))
            guard let line = lines.first(where: { $0.starts(with: name.utf8) }) else { return nil }
            let digits = line.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return Int(String(decoding: digits, as: UTF8.self)).map { $0 * 1024 }
        }
    #endif
}
