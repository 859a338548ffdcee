import SwiftletLM

extension TrainingTask {
    /// A task with examples of another origin than the forms of data lines.
    ///
    /// - Parameters:
    ///   - model: the model to start from, with the head that the objective needs.
    ///   - objective: what is learned.
    ///   - examples: at least one with a target.
    ///   - heldOut: a task whose evaluation examples are used; nil for none.
    ///   - notes: sentences for the user about what was cut or cannot be learned.
    public init(
        _ model: LanguageModel, learning objective: any TrainingObjective,
        from examples: [TrainingExample], heldOut: TrainingTask?, notes: [String]
    ) {
        self.model = model
        self.objective = objective
        self.examples = examples
        if let heldOut {
            evaluation = heldOut.examples
        } else {
            evaluation = [TrainingExample]()
        }
        self.notes = notes + (heldOut?.notes ?? [])
    }
}
