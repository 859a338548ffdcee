import ArgumentParser
import SwiftletBytes

/// The command line tool: `swiftlet <command> …`.
public struct SwiftletTool: ParsableCommand {
    /// The tool's name, subcommands and help.
    public static let configuration = CommandConfiguration(
        commandName: "swiftlet",
        abstract:
            "Hugging Face checkpoints in Swift: read, check, convert, tokenize, run, fine-tune.",
        discussion: """
            MODEL is a folder in Hub layout (config.json, weights, tokenizer files), a GGUF file, an id \
            of the Hugging Face Hub that pull has downloaded or, where that is enough, another single \
            file. \
            Results go to stdout, everything else to stderr; --json and --jsonl make any command \
            scriptable.

            Exit status: 0 success, 1 failed comparison, 64 wrong usage, 65 bad data, 66 missing \
            input, 69 not supported, 73 cannot create output, 74 input/output error, 130 and 143 \
            stopped by a signal after saving.

            EXAMPLE
              swiftlet init config.json model --seed 1
              swiftlet finetune model --data train.jsonl --out tuned --epochs 3
              swiftlet generate tuned --prompt "Once upon a time"
            """,
        version: "0.1.0",
        subcommands: [
            InspectCommand.self, InitCommand.self, ConvertCommand.self, DiffCommand.self,
            TokenizeCommand.self, DetokenizeCommand.self, AlignCommand.self, ScoreCommand.self,
            GenerateCommand.self, ClassifyCommand.self, EvaluateCommand.self, BenchCommand.self,
            FinetuneCommand.self, MergeCommand.self, WeakToStrongCommand.self, PullCommand.self,
        ])

    /// Creates the root command.
    public init() {}

    /// Parses the arguments, runs the command and exits with its status.
    public static func start() -> Never {
        do {
            // Before anything else: no file may get the descriptor of a standard stream.
            try StandardDescriptors.occupy()
            StopSignals.prepare()
            var command = try parseAsRoot(
                StudentOptions.completing(Array(CommandLine.arguments.dropFirst())))
            try command.run()
            try StandardOutput.shared.flush()
            endProcess(status: 0)
        } catch let error as SwiftletError {
            try? StandardOutput.shared.flush()
            StandardError.line("error: \(error)")
            endProcess(status: error.code.kind.rawValue)
        } catch let code as ExitCode {
            // Thrown after the result of a failed comparison was printed.
            finish(status: code.rawValue)
        } catch {
            finish(parsing: error)
        }
    }

    private static func finish(status: Int32) -> Never {
        do {
            try StandardOutput.shared.flush()
        } catch {
            StandardError.line("error: \(error)")
            endProcess(status: SwiftletError.Kind.inputOutput.rawValue)
        }
        endProcess(status: status)
    }

    /// Requests for help or the version arrive as errors too, but are results and go to stdout.
    private static func finish(parsing error: any Error) -> Never {
        let status = exitCode(for: error).rawValue
        if status == 0 {
            StandardOutput.shared.line(fullMessage(for: error))
            finish(status: 0)
        }
        StandardError.line("error: \(message(for: error))")
        if let hint = ArgumentHints.hint(for: message(for: error), CommandLine.arguments) {
            StandardError.line("hint: \(hint)")
        }
        StandardError.line("hint: see swiftlet --help, or swiftlet <command> --help")
        endProcess(status: SwiftletError.Kind.usage.rawValue)
    }
}
