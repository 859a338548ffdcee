import SwiftletLibc

/// The environment variables of the process.
enum ProcessEnvironment {
    /// The value of a variable; nil if it is not set.
    static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
