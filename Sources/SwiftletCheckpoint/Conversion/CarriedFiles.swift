import SwiftletBytes

/// The files that belong to a checkpoint besides its weights: configurations and tokenizers.
package enum CarriedFiles {
    private static let endings = [".json", ".txt", ".model", ".tiktoken", ".jinja"]
    /// Files that a training run leaves in its folder; they are not part of the model.
    private static let ofTraining = [
        "training_run.json", "training_state.json", "training_best.json", "training_result.json",
    ]

    /// The files beside the weights that transformers' `save_pretrained` writes for models and
    /// tokenizers.
    static let saved: Set = [
        "config.json", "generation_config.json",
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja", "chat_template.json", "vocab.json", "merges.txt", "vocab.txt",
        "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "qwen.tiktoken",
    ]

    /// Copies a model's files to another folder, each one atomically.
    ///
    /// - Parameters:
    ///   - folder: the model's folder, or a GGUF file, which has them inside.
    ///   - configuration: the model's configuration; nil if there is none to copy.
    ///   - target: an existing folder.
    ///   - dtype: the precision of the weights in `target`, which `config.json` gets as its dtype.
    ///   - changes: other values for keys of the configuration.
    /// - Throws: the errors of reading and writing.
    package static func carry(
        from folder: String, _ configuration: ModelConfiguration?, to target: String,
        _ dtype: TargetPrecision, changing changes: JSONObject = [:]
    ) throws(SwiftletError) {
        let isInside = GGUFModel.isFile(folder)
        if let configuration {
            let path = FileSystem.join(target, "config.json")
            if dtype == .keep, changes.pairs.isEmpty, !isInside {
                try copy(configuration.path, to: path)
            } else {
                var object = dtype.updating(configuration.object)
                for pair in changes.pairs { object[pair.key] = pair.value }
                let text = JSONValue.object(object).text(pretty: true) + "\n"
                try AtomicFile.write(Array(text.utf8), to: path)
            }
        }
        if isInside {
            for (name, bytes) in try GGUFModel(path: folder).carriedFiles().files {
                try AtomicFile.write(bytes, to: FileSystem.join(target, name))
            }
            return
        }
        for name in try names(in: folder) {
            try copy(FileSystem.join(folder, name), to: FileSystem.join(target, name))
        }
    }

    /// Whether a folder has a file of which a tokenizer can be made.
    static func hasTokenizer(_ folder: String) -> Bool {
        func has(_ name: String) -> Bool { FileSystem.isFile(FileSystem.join(folder, name)) }
        return ["tokenizer.json", "tokenizer.model", "qwen.tiktoken"].contains(where: has)
            || has("vocab.json") && has("merges.txt")
    }

    /// Whether a file of this name is copied along with the weights.
    package static func isCarried(_ name: String) -> Bool {
        endings.contains { name.hasSuffix($0) }
    }

    /// The names of the files to copy from a folder, `config.json` excepted.
    ///
    /// A symbolic link that leads out of the model is not followed: a model is often somebody else's,
    /// and must not decide which of the user's files are copied.
    static func names(in folder: String) throws(SwiftletError) -> [String] {
        try candidates(in: folder).filter { belongs($0, to: folder) }
    }

    /// Sentences for the user about files that are not copied, or cannot be made of a GGUF file.
    package static func notes(in folder: String) -> [String] {
        if GGUFModel.isFile(folder) {
            return (try? GGUFModel(path: folder).carriedFiles().notes) ?? []
        }
        guard FileSystem.isFolder(folder), let names = try? candidates(in: folder) else {
            return []
        }
        return names.filter { !belongs($0, to: folder) }.map { name in
            let target = FileSystem.realPath(FileSystem.join(folder, name)) ?? "?"
            return "\(name) is not copied: it is a link to \(target), outside \(folder)"
        }
    }

    private static func candidates(in folder: String) throws(SwiftletError) -> [String] {
        try FileSystem.names(in: folder).filter { name in
            isCarried(name) && !name.hasPrefix(".") && name != "config.json"
                && !name.hasSuffix(".index.json")
                && !ofTraining.contains(name)
                && FileSystem.isFile(FileSystem.join(folder, name))
        }
    }

    /// Whether a file is in the model's folder, or is one of the blobs to which a snapshot of the Hub's
    /// cache links.
    private static func belongs(_ name: String, to folder: String) -> Bool {
        let path = FileSystem.join(folder, name)
        guard FileSystem.linkTarget(path) != nil else { return true }
        guard let file = FileSystem.realPath(path), var above = FileSystem.realPath(folder) else {
            return false
        }
        if file.hasPrefix(FileSystem.join(above, "")) { return true }
        while above != "/" {
            let parent = FileSystem.parent(above)
            if FileSystem.name(above) == "snapshots",
                file.hasPrefix(FileSystem.join(parent, "blobs/"))
            {
                return true
            }
            above = parent
        }
        return false
    }

    /// Copies a file.
    private static func copy(_ source: String, to target: String) throws(SwiftletError) {
        let bytes = try MappedFile(path: source).bytes
        let file = try AtomicFile(path: target)
        try file.write(bytes)
        try file.commit()
    }
}
