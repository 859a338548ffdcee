import ArgumentParser

struct WeakToStrongCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weak-to-strong",
        abstract: "Train a strong model from the labels of weak ones.",
        subcommands: [
            FormulaCommand.self, LabelCommand.self, JoinCommand.self, TrainCommand.self,
            RunCommand.self, ReportCommand.self, CollectCommand.self,
        ])
}
