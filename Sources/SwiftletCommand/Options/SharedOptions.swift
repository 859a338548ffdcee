import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// `--quiet`.
struct QuietOption: ParsableArguments {
    @Flag(help: "No notes and no progress on stderr.")
    var quiet = false

    /// Prints a note for the user.
    func note(_ text: String) {
        if !quiet { StandardError.line("note: \(text.printable)") }
    }
}

/// `--json`.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print the result as one JSON object.")
    var json = false
}

/// `--jsonl`, `--json` and `--input`.
struct LinesOptions: ParsableArguments {
    @Flag(help: "Read one JSON object per line and print one per line, in the same order.")
    var jsonl = false

    @Flag(help: "Print the result as one JSON object.")
    var json = false

    @Option(help: ArgumentHelp("Read from a file instead of stdin.", valueName: "file"))
    var input: String?

    func validate() throws {
        if json && jsonl { throw ValidationError("--json and --jsonl cannot be combined") }
    }

    /// Refuses `--input` without `--jsonl`, for commands that read nothing else from a file.
    func validateInputIsLines() throws {
        if input != nil, !jsonl { throw ValidationError("--input needs --jsonl") }
    }
}

/// `--threads`.
struct ThreadsOption: ParsableArguments {
    @Option(help: ArgumentHelp("Threads (default: all cores).", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if let threads, !Self.allowed.contains(threads) {
            throw ValidationError(
                "--threads must be from \(Self.allowed.lowerBound) to \(Self.allowed.upperBound)")
        }
    }

    /// More threads than OpenBLAS, as it is usually built, has room for would fail inside it.
    private static let allowed = 1...128

    /// The number of threads.
    var count: Int { threads ?? min(ThreadPool.processorCount, Self.allowed.upperBound) }

    /// The threads to compute on.
    func context(precision: Precision = .f32) throws(SwiftletError) -> ComputeContext {
        try ComputeContext(threadCount: count, precision: precision)
    }
}

/// The values of `--dtype`.
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

/// `--via-libhdf5`.
struct HDF5Option: ParsableArguments {
    @Flag(
        name: .customLong("via-libhdf5"),
        help: "Read HDF5 files that you trust with the C library.")
    var viaLibrary = false

    var reading: HDF5Reading { viaLibrary ? .library : .own }
}

/// `--strip-prefix`.
struct PrefixOption: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Take off the tensors' names what a wrapper of the model added, such as _orig_mod. or "
                + "module., and leave out tensors outside the model."))
    var stripPrefix = false
}
