import Foundation
import _SwiftletTestSupport

/// Runs the built program as a user does: arguments and stdin in; status, stdout and stderr out.
enum Tool {
    /// The program: `SWIFTLET_BINARY`, or the one built with these tests.
    static let path: String = {
        #if DEBUG
            let built = "\(TestFiles.root)/.build/debug/swiftlet"
        #else
            let built = "\(TestFiles.root)/.build/release/swiftlet"
        #endif
        let named = ProcessInfo.processInfo.environment["SWIFTLET_BINARY"] ?? built
        return URL(fileURLWithPath: named).path
    }()

    /// Runs a command and waits for it.
    static func run(_ arguments: String..., input: String = "") throws -> Outcome {
        try start(arguments, input: Data(input.utf8)).wait()
    }

    /// Runs a command and waits for it.
    static func run(_ arguments: [String], input: Data = Data(), output: String? = nil) throws
        -> Outcome
    {
        try start(arguments, input: input, output: output).wait()
    }

    /// Runs a shell script in which `"$@"` is the command.
    static func shell(_ script: String, _ arguments: [String]) throws -> Outcome {
        try RunningTool("/bin/sh", ["-c", script, "sh", path] + arguments).wait()
    }

    /// Starts a command.
    static func start(_ arguments: [String], input: Data = Data(), output: String? = nil) throws
        -> RunningTool
    {
        try RunningTool(path, arguments, input: input, output: output)
    }
}

/// A running process.
///
/// Its streams are files, so that no pipe can fill up.
final class RunningTool {
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let folder: TemporaryFolder

    /// A process that takes longer hangs and is killed.
    private static let timeout = DispatchTimeInterval.seconds(120)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: the program's path.
    ///   - arguments: its arguments.
    ///   - input: the contents of stdin.
    ///   - output: a file for stdout, instead of the outcome.
    /// - Throws: the errors of starting it.
    init(
        _ program: String, _ arguments: [String], input: Data = Data(), output: String? = nil
    ) throws {
        folder = try TestFiles.temporaryFolder()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        try input.write(to: URL(fileURLWithPath: folder.file("stdin")))
        process.standardInput = FileHandle(forReadingAtPath: folder.file("stdin"))
        for name in ["stdout", "stderr"] {
            _ = FileManager.default.createFile(atPath: folder.file(name), contents: nil)
        }
        process.standardOutput = FileHandle(forWritingAtPath: output ?? folder.file("stdout"))
        process.standardError = FileHandle(forWritingAtPath: folder.file("stderr"))
        process.terminationHandler = { [ended] _ in ended.signal() }
        // A process inherits the signals that its parent's thread blocks, and worker threads block some.
        var (none, blocked) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &blocked)
        defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        try process.run()
    }

    /// Sends a signal.
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Whether the process is still running.
    var isRunning: Bool { process.isRunning }

    /// Waits for the process to end.
    func wait() throws -> Outcome {
        if ended.wait(timeout: .now() + Self.timeout) == .timedOut {
            signal(SIGKILL)
            ended.wait()
        }
        func text(_ name: String) throws -> String {
            String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: folder.file(name))),
                as: UTF8.self)
        }
        let killed = process.terminationReason == .uncaughtSignal
        return Outcome(
            status: process.terminationStatus + (killed ? 128 : 0),
            output: try text("stdout"), errors: try text("stderr"))
    }
}
