import SwiftletBytes
import SwiftletCompute
import SwiftletText
import SwiftletTuning

/// Runs the method from a configuration: every stage whose outputs are not what the configuration
/// asks for.
///
/// ```swift
/// let runner = try Runner(try RunConfiguration(path: "study.yaml"), output: "run")
/// let summary = try runner.run()
/// ```
public final class Runner {
    /// What is run, and how.
    public struct Options: Sendable {
        /// Only the stages of this name, and what they need; nil for all.
        public var stage: String?
        /// Only this seed; nil for all.
        public var seed: UInt64?
        /// Threads; nil for the configuration's, or all cores.
        public var threads: Int?
        /// The algorithms of SentencePiece that tokenizers may use.
        public var sentencePiece = SentencePieceSupport.builtIn

        /// Everything, with the configuration's threads.
        public init() {}
    }

    /// The configuration.
    public let configuration: RunConfiguration
    private let folder: RunFolder
    private let context: ComputeContext
    private let sentencePiece: SentencePieceSupport
    private let stages: StageRunner

    /// Prepares a run; nothing is written yet.
    ///
    /// - Parameters:
    ///   - configuration: the configuration.
    ///   - output: the run's folder; a folder that is neither empty nor that of a run is refused.
    ///   - options: what is run.
    /// - Throws: usage (64) for a stage or seed that the configuration does not have; cannot create
    ///   (73) for another folder.
    public init(
        _ configuration: RunConfiguration, output: String, options: Options = Options()
    ) throws(SwiftletError) {
        self.configuration = configuration
        folder = RunFolder(path: output)
        sentencePiece = options.sentencePiece
        let threads = options.threads ?? configuration.threads ?? ThreadPool.processorCount
        let plan = try RunStages.plan(configuration)
            .selecting(name: options.stage, seed: options.seed)
        try folder.check()
        context = try ComputeContext(threadCount: threads, precision: configuration.precision)
        stages = StageRunner(
            folder: folder, plan: plan,
            sizes: RunSizes(configuration, sentencePiece: sentencePiece), threads: threads)
    }

    /// What a run would do.
    public struct Plan: Sendable {
        /// The stages in order.
        public let stages: [PlannedStage]
        /// The speed that times are estimated with.
        public let speed: MachineSpeed
        /// Models of which no size is known, so that their stages' estimates are 0.
        public let unsizedModels: [String]

        /// The stages that are not done.
        public var open: [PlannedStage] { stages.filter { $0.status != .done } }
        /// The seconds that these take.
        public var seconds: Double { open.reduce(0) { $0 + $1.estimate.seconds(speed) } }
        /// The bytes of all outputs.
        public var outputBytes: Int { stages.reduce(0) { $0 + $1.estimate.outputBytes } }
        /// The bytes of memory of the largest stage that is not done.
        public var memoryBytes: Int { open.map(\.estimate.memoryBytes).max() ?? 0 }
    }

    /// Finds out what a run would do, and measures the machine's speed.
    ///
    /// Nothing is written.
    ///
    /// - Returns: the stages in order.
    /// - Throws: the errors of reading data and outputs; a missing model or file blocks its stages
    ///   instead.
    public func plan() throws(SwiftletError) -> Plan {
        Plan(
            stages: try stages.examination(), speed: .measured(context),
            unsizedModels: stages.sizes.unsized)
    }

    /// What a run has done.
    public struct Summary: Sendable {
        /// The stages that ran.
        public let ran: [StageID]
        /// The number of stages that were done already.
        public let skipped: Int
        /// `results.json`; nil if the run did not come to it.
        public let results: String?
        /// The report's folder; nil if the run did not come to it.
        public let report: String?
    }

    /// Runs to the end, or until told to stop; then the stage's state is saved first.
    ///
    /// - Parameters:
    ///   - shouldStop: asked often.
    ///   - onEvent: called with what happens.
    /// - Returns: what was done.
    /// - Throws: cannot create (73) if the folder is in use; the errors of the stages; those of
    ///   signals after saving.
    public func run(
        shouldStop: @escaping () -> FineTuner.Stop? = { nil },
        onEvent: @escaping (RunEvent) -> Void = { _ in }
    ) throws(SwiftletError) -> Summary {
        let speed = MachineSpeed.measured(context)
        let ran = try stages.run(
            context, sentencePiece: sentencePiece, speed: speed, configuration: configuration.json,
            shouldStop: shouldStop, onEvent: onEvent)
        let ids = stages.plan.stages.map(\.id)
        let results = ids.contains { $0.name == "results" && $0.seed == nil }
        let report = ids.contains { $0.name == "report" && $0.seed == nil }
        return Summary(
            ran: ran, skipped: ids.count - stages.plan.examined.count - ran.count,
            results: results ? folder.results : nil, report: report ? folder.report : nil)
    }
}
