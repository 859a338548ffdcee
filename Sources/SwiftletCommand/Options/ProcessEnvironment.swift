#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The variables that the process was started with.
enum ProcessEnvironment {
    /// A variable's value; nil if it is not set.
    static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
