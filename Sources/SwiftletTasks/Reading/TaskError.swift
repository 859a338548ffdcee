import SwiftletBytes

extension SwiftletError.Code {
    /// A line of a task's data or of predictions that has none of the known forms.
    public static let taskLine = Self("task.line", .badData)
    /// A file without anything to evaluate.
    public static let noTaskExamples = Self("task.empty", .badData)
}
