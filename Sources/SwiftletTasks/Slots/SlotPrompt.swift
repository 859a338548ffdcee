/// The text that asks a model for the slots of a sentence.
public enum SlotPrompt: String, Sendable, CaseIterable {
    /// The prompt of the paper (appendix F): the slot types, the task and the sentence.
    case full
    /// The sentence and an arrow, for models that are fine-tuned anyway and have a short context.
    case short

    /// The prompt for a sentence.
    ///
    /// What a model is to answer follows after a space.
    public func text(_ sentence: String) -> String {
        switch self {
        case .full: Self.task + "\n\"\(sentence)\"\nASSISTANT:"
        case .short: "\(sentence) ->"
        }
    }

    private static let task: String = {
        let types = SlotTypes.all.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            USER: Consider the following list of slot types provided to you:
            \(types)
            Now consider the following sentence(s) containing one or more of the above slot types. \
            Can you extract slots belonging to that slot list and their values in json format i.e. \
            {"slot type": "value"}? ONLY print out the json, or only print {} if no slot.
            """
    }()
}
