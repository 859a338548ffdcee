import SwiftletBytes
import SwiftletCompute
import SwiftletTasks
import Yams

extension RunConfiguration {
    private static let keys = [
        "name", "task", "prompt", "data", "seeds", "precision", "threads", "training",
        "weak", "strong", "labels", "students", "preference", "evaluation", "significance",
        "report",
    ]

    /// Reads a configuration.
    ///
    /// - Parameter path: the file; paths in it are relative to its folder.
    /// - Throws: no input (66), and ``SwiftletBytes/SwiftletError/Code/runConfiguration`` (65) naming
    ///   line, column and key.
    public init(path: String) throws(SwiftletError) {
        let document = try YAMLDocument(path: path)
        let top = try YAMLFields(
            document.root, file: path, path: "", known: Self.keys)
        let task = try top.required("task") { (key) throws(SwiftletError) in
            try top.choice(key, TaskKind.self)
        }
        let reader = ConfigurationReader(
            folder: FileSystem.parent(path), task: task, top: top,
            shared: try ConfigurationReader.changes(in: top))
        self.path = path
        name = try top.string("name") ?? Self.name(of: path)
        self.task = task
        prompt = try reader.prompt()
        data = try reader.data()
        seeds = try top.seeds("seeds") ?? [0]
        precision = try top.choice("precision", PrecisionName.self)?.precision ?? .f32
        threads = try top.int("threads", in: 1...1024)
        (weak, fineTunesWeak) = try reader.weak(hasValidation: data.validation != nil)
        let strongChanges: TrainingChanges
        (strong, strongChanges) = try reader.strong()
        labels = try reader.labels()
        students = try reader.students(strongChanges)
        evaluation = try reader.evaluation()
        preference = nil
        bootstrapSamples = try reader.bootstrapSamples()
        writesReport = try top.bool("report") ?? true
        preference = try reader.preference(labels, students, among: studentNames)
        try check(reader)
    }

    private static func name(of path: String) -> String {
        let name = FileSystem.name(path)
        for ending in [".yaml", ".yml"] where name.hasSuffix(ending) && name != ending {
            return String(name.dropLast(ending.count))
        }
        return name
    }

    /// What concerns several sections.
    private func check(_ reader: ConfigurationReader) throws(SwiftletError) {
        let top = reader.top
        let settings =
            weak.map(\.training) + [strong.training, students.training]
            + (preference.map { [$0.training] } ?? [])
        if precision == .f32, settings.contains(where: { $0.master == .none }) {
            throw top.failure("precision", "master: none needs precision: bf16")
        }
        if data.validation == nil, settings.contains(where: { $0.kept == .best }) {
            throw top.failure("data", "keep: best needs data.validation")
        }
    }
}
