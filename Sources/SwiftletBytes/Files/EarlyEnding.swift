import CSwiftletSystem

/// What is known to the code that ends the process early (`CSwiftletSystem/ending.c`): by a signal,
/// because a mapped file has become shorter, or without memory.
package enum EarlyEnding {
    /// Installs the handlers.
    ///
    /// For programs: a library must leave the signals of its process alone. Without them the tables
    /// are kept and not used.
    package static func install() { swiftlet_ending_install() }

    /// Lets a signal end the process after temporary files are removed.
    package static func install(for signal: Int32) { swiftlet_ending_install_for(signal) }

    /// Removes temporary files and ends the process by a signal.
    package static func end(by signal: Int32) -> Never {
        while true { swiftlet_end_by_signal(signal) }
    }

    /// Calls `body`, which gives something its final name; the process does not end meanwhile.
    ///
    /// Calls must not be nested, and `body` must not read mapped files.
    static func placing<R>(
        _ body: () throws(SwiftletError) -> R
    ) throws(SwiftletError) -> R {
        swiftlet_placing_begin()
        defer { swiftlet_placing_end() }
        return try body()
    }
}

/// A temporary file or folder that does not survive the process, unless that is killed.
///
/// It is registered as long as this object lives.
struct RegisteredTemporary: ~Copyable {
    private var entry: Int32

    /// Registers what is at a path.
    init(_ path: String, isFolder: Bool = false) {
        entry = unsafe swiftlet_temporary_register(path, isFolder ? 1 : 0)
    }

    /// Records that the file has got its final name.
    ///
    /// To be called within ``EarlyEnding/placing(_:)``.
    mutating func place(at path: String) {
        unsafe swiftlet_temporary_placed(entry, path)
        entry = -1
    }

    /// Ends the registration, also of everything in a folder.
    mutating func forget() {
        swiftlet_temporary_forget(entry)
        entry = -1
    }

    deinit { swiftlet_temporary_forget(entry) }
}

/// The place of a mapped file in memory, for messages.
///
/// It is registered as long as this object lives.
struct RegisteredMap: ~Copyable {
    private let entry: Int32

    /// Registers `count` bytes at `start`.
    @unsafe
    init(_ start: UnsafeRawPointer, count: Int, path: String) {
        entry = unsafe swiftlet_map_register(start, count, path.printable.excerpt(of: 1000))
    }

    /// The name of the file that is mapped at an address; nil if none is.
    @unsafe
    static func file(at address: UnsafeRawPointer?) -> String? {
        unsafe swiftlet_map_name(address).map { unsafe String(cString: $0) }
    }

    deinit { swiftlet_map_forget(entry) }
}
