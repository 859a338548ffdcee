import SwiftletLibc

/// The descriptors of stdin, stdout and stderr.
package enum StandardDescriptors {
    /// Opens the null device on each of them that is closed.
    ///
    /// The system gives a new file the lowest free descriptor. If one of these three is free, the
    /// first checkpoint or log to be opened gets it, and what is meant for stdout or stderr is
    /// written into that file. So this must come before any other file is opened.
    ///
    /// A stream that was closed stays unusable: the device is opened such that reading stdin and
    /// writing stdout fail, because results must not be lost silently. Writes to stderr are dropped.
    ///
    /// - Throws: ``SwiftletError/Code/readFailed`` if the device cannot be opened.
    package static func occupy() throws(SwiftletError) {
        for (descriptor, flags) in [
            (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
        ] where !SystemCalls.isOpen(descriptor) {
            // The descriptors below are open by now, so this is the lowest that is free.
            try SystemCalls.openNullDevice(flags: flags)
        }
    }
}
