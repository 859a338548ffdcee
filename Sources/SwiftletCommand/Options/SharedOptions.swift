import ArgumentParser
import SwiftletBytes
import SwiftletCompute

/// `--quiet`.
struct QuietOption: ParsableArguments {
    @Flag(help: "No notes and no progress on stderr.")
    var quiet = false

    /// Tells a person something that is no error.
    func note(_ text: String) {
        if !quiet { StandardError.line("note: \(text)") }
    }
}

/// `--json`.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print the result as one JSON object.")
    var json = false
}

/// `--jsonl`, `--json` and `--input`.
struct LinesOptions: ParsableArguments {
    @Flag(help: "Read a JSON object a line and print one a line, in the same order.")
    var jsonl = false

    @Flag(help: "Print the result as one JSON object.")
    var json = false

    @Option(help: ArgumentHelp("Read from a file instead of stdin.", valueName: "file"))
    var input: String?

    func validate() throws {
        if json && jsonl { throw ValidationError("--json and --jsonl exclude each other") }
    }
}

/// `--threads`.
struct ThreadsOption: ParsableArguments {
    @Option(help: ArgumentHelp("Threads (default: all cores).", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
    }

    /// The threads to compute on.
    func context() -> ComputeContext {
        ComputeContext(threadCount: threads ?? ThreadPool.processorCount)
    }
}

/// The dtypes of the command line.
enum DTypeOption: String, ExpressibleByArgument, CaseIterable {
    case f32, f16, bf16

    var dtype: DType {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        }
    }
}
