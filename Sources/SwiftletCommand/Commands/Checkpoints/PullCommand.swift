import ArgumentParser
import SwiftletBytes
import SwiftletHub

struct PullCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Download a model from the Hugging Face Hub.",
        discussion: """
            Downloads a model into the local Hugging Face cache, where all commands and Python's \
            huggingface_hub find it by its id. Without --include and --all, these files are downloaded: \
            the weights in a single format that can be read, configurations, tokenizer files, the model \
            card and the license. Each file is checked against the hash that the Hub lists. Repeat the \
            command to continue an interrupted download.

            Variables: HF_TOKEN or the file at HF_TOKEN_PATH for private and gated models, HF_ENDPOINT, \
            HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, HF_HUB_DOWNLOAD_TIMEOUT (seconds without data \
            after which a transfer is considered broken; default: 30), https_proxy, SSL_CERT_FILE.

            EXAMPLE
              swiftlet pull openai-community/gpt2
              swiftlet pull openai-community/gpt2 --include "*.json" --include "*.txt"
            """)

    @Argument(help: ArgumentHelp("NAME or ORGANISATION/NAME.", valueName: "id"))
    var id: String

    @Option(help: "A branch, a tag or a commit.")
    var revision = "main"

    @Option(
        help: ArgumentHelp(
            "Download only files that match; repeatable. * also matches slashes.",
            valueName: "pattern"))
    var include: [String] = []

    @Option(help: ArgumentHelp("Skip files that match; repeatable.", valueName: "pattern"))
    var exclude: [String] = []

    @Flag(help: "Download all files, readable or not.")
    var all = false

    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if all, !include.isEmpty {
            throw ValidationError("--all and --include cannot be combined")
        }
    }

    func run() throws {
        var selection = FileSelection()
        selection.include = include
        selection.exclude = exclude
        selection.everything = all
        let download = try HubDownload(
            id, revision: revision, selection: selection,
            configuration: try HubConfiguration(environment: ProcessEnvironment.value))
        let bar = PullProgress(quiet: quiet.quiet)
        defer { bar.finish() }
        StopSignals.listen()
        let result = Result { () throws(SwiftletError) in
            try download.run(shouldStop: Self.isStopped, progress: bar.update)
        }
        bar.finish()
        report(try result.mapError(named).get())
    }

    @Sendable private static func isStopped() -> Bool { StopSignals.stop != nil }

    /// The error; for a stop, with the exit status of its signal.
    private func named(_ error: SwiftletError) -> SwiftletError {
        guard error.code == .cancelled else { return error }
        return SwiftletError(
            StopSignals.stop == .terminated ? .pullTerminated : error.code, file: id,
            "stopped by a signal; repeat the command to continue the download")
    }

    private func report(_ summary: HubDownload.Summary) {
        if summary.commit == nil {
            quiet.note("HF_HUB_OFFLINE is set: these are the files in the cache")
        } else if summary.files == 0 {
            quiet.note("no file matches")
        }
        let left = summary.leftOut
        if !left.isEmpty, !all, include.isEmpty {
            let largest = left.sorted { ($1.size, $0.path) < ($0.size, $1.path) }.prefix(4)
            let bytes = left.reduce(0) { $0 + $1.size }
            quiet.note(
                "left out \(left.count) of \(left.count + summary.files) files (\(ProgressBar.bytes(Double(bytes)))): "
                    + largest.map(\.path).joined(separator: ", ")
                    + (left.count > largest.count ? " …" : "")
                    + "; --all or --include downloads them")
        }
        if json.json {
            StandardOutput.shared.line([
                "path": .string(summary.path), "files": JSONValue(summary.files),
                "bytes": JSONValue(summary.bytes),
                "commit": summary.commit.map { .string($0) } ?? .null,
                "left_out": JSONValue(left.map(\.path)),
            ])
        } else {
            StandardOutput.shared.line(
                "\(summary.path): \(summary.files) files, "
                    + ProgressBar.bytes(Double(summary.bytes)))
        }
    }
}

/// The progress bar of a download.
///
/// Updates come from several threads, but one at a time; it is finished after the last one.
private final class PullProgress: @unchecked Sendable {
    private let quiet: Bool
    private var bar: ProgressBar?

    init(quiet: Bool) { self.quiet = quiet }

    @Sendable func update(_ progress: HubDownload.Progress) {
        let bar =
            bar
            ?? ProgressBar("downloading", total: progress.bytesTotal, unit: "B", quiet: quiet)
        self.bar = bar
        bar.update(progress.bytesDone)
    }

    func finish() { bar?.finish() }
}

extension SwiftletError.Code {
    /// A download was stopped by SIGTERM; the downloaded part is kept.
    static let pullTerminated = Self("hub.terminated", .terminated)
}
