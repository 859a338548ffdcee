import SwiftletBytes

/// The files beside the weights that a checkpoint needs: configurations and tokenizers.
package enum CarriedFiles {
    private static let endings = [".json", ".txt", ".model", ".tiktoken", ".jinja"]
    /// What a training left in its folder; it says nothing of the model.
    private static let ofTraining = ["training_run.json", "training_state.json"]

    /// Carries a model's files to an existing folder, each one atomically; `config.json` gets the
    /// dtype that the weights have there.
    ///
    /// - Parameters:
    ///   - folder: the model's folder.
    ///   - configuration: the model's configuration; nil for none.
    ///   - target: an existing folder.
    ///   - dtype: the dtype of the weights there.
    ///   - changes: other values for keys of the configuration.
    /// - Throws: the errors of reading and writing.
    package static func carry(
        from folder: String, _ configuration: ModelConfiguration?, to target: String,
        _ dtype: TargetPrecision, changing changes: JSONObject = [:]
    ) throws(SwiftletError) {
        if let configuration {
            let path = FileSystem.join(target, "config.json")
            if dtype == .keep, changes.pairs.isEmpty {
                try copy(configuration.path, to: path)
            } else {
                var object = dtype.updating(configuration.object)
                for pair in changes.pairs { object[pair.key] = pair.value }
                let text = JSONValue.object(object).text(pretty: true) + "\n"
                try AtomicFile.write(Array(text.utf8), to: path)
            }
        }
        for name in try names(in: folder) {
            try copy(FileSystem.join(folder, name), to: FileSystem.join(target, name))
        }
    }

    /// Whether a file is of a kind that goes with weights, by the end of its name.
    package static func isCarried(_ name: String) -> Bool {
        endings.contains { name.hasSuffix($0) }
    }

    /// The names to carry from a folder, `config.json` excepted.
    static func names(in folder: String) throws(SwiftletError) -> [String] {
        try FileSystem.names(in: folder).filter { name in
            isCarried(name) && !name.hasPrefix(".") && name != "config.json"
                && !name.hasSuffix(".index.json")
                && !ofTraining.contains(name)
                && FileSystem.isFile(FileSystem.join(folder, name))
        }
    }

    /// Copies a file's bytes.
    private static func copy(_ source: String, to target: String) throws(SwiftletError) {
        let bytes = try MappedFile(path: source).bytes
        let file = try AtomicFile(path: target)
        try file.write(bytes)
        try file.commit()
    }
}
