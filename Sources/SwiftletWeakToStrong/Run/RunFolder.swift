import SwiftletBytes

/// The places in a run's folder (`formats/weak-to-strong-run.md`).
struct RunFolder: Sendable {
    /// The folder.
    let path: String

    static let record = "stage.json"
    static let started = "started.json"

    /// The configuration as it is used.
    var configuration: String { FileSystem.join(path, "run.json") }
    /// The numbers of all seeds.
    var results: String { FileSystem.join(path, "results.json") }
    /// The pages for people.
    var report: String { FileSystem.join(path, "report") }

    /// Checks that the folder may be used: it is a run's, or empty, or not there.
    ///
    /// - Throws: cannot create (73).
    func check() throws(SwiftletError) {
        guard FileSystem.somethingIs(at: path) else { return }
        guard FileSystem.isFolder(path) else {
            throw SwiftletError(.cannotCreate, file: path, "exists and is not a folder")
        }
        let stages = FileSystem.join(path, "stages")
        // A kill while the first file was being written leaves a temporary one without meaning.
        let own = FileSystem.name(configuration)
        let isEmpty = try FileSystem.names(in: path).allSatisfy { $0.hasPrefix(".\(own).") }
        guard isEmpty || FileSystem.isFile(configuration) || FileSystem.isFolder(stages) else {
            throw SwiftletError(
                .cannotCreate, file: path, "exists and is not the folder of a run",
                hint: "give a new folder with --out")
        }
    }

    /// Writes the configuration as it is used, unless it is there.
    ///
    /// - Throws: the errors of writing.
    func write(configuration object: JSONObject) throws(SwiftletError) {
        Leftovers.remove(of: configuration)
        let bytes = Array((JSONValue.object(object).text(pretty: true) + "\n").utf8)
        if FileSystem.isFile(configuration),
            try MappedFile(path: configuration).bytes.copy() == bytes
        {
            return
        }
        try AtomicFile.write(bytes, to: configuration)
    }

    /// Copies outputs of a stage of all seeds to the top of the folder, where people look for them.
    ///
    /// - Throws: the errors of reading and writing.
    func publish(_ stage: StageID, _ outputs: [String], to target: String) throws(SwiftletError) {
        try FileSystem.createFolder(target)
        for output in outputs {
            let bytes = try MappedFile(path: path(of: stage, output)).bytes
            let copy = FileSystem.join(target, output)
            Leftovers.remove(of: copy)
            if FileSystem.isFile(copy), try MappedFile(path: copy).bytes.copy() == bytes.copy() {
                continue
            }
            try FileSystem.createFolder(FileSystem.parent(copy))
            let file = try AtomicFile(path: copy)
            try file.write(bytes)
            try file.commit()
        }
    }

    /// The folder of a stage.
    func path(of stage: StageID) -> String {
        FileSystem.join(
            FileSystem.join(FileSystem.join(path, "stages"), stage.seedFolder), stage.name)
    }

    /// A file of a stage.
    func path(of stage: StageID, _ name: String) -> String {
        FileSystem.join(path(of: stage), name)
    }

    /// The outputs that a stage has left: all regular files, by their paths in its folder, sorted.
    ///
    /// Records, hidden files, incomplete files and training states are not outputs.
    ///
    /// - Throws: the errors of reading folders.
    func outputs(of stage: StageID) throws(SwiftletError) -> [String] {
        let folder = path(of: stage)
        guard FileSystem.isFolder(folder) else { return [] }
        var found: [String] = []
        var folders = [""]
        while let inner = folders.popLast() {
            for name in try FileSystem.names(in: FileSystem.join(folder, inner)) {
                let relative = FileSystem.join(inner, name)
                switch FileSystem.entry(FileSystem.join(folder, relative)) {
                case .folder where !name.hasPrefix(".") && !Self.isOfTraining(relative):
                    folders.append(relative)
                case .file where isOutput(relative, name): found.append(relative)
                default: break
                }
            }
        }
        return found.sorted()
    }

    private func isOutput(_ relative: String, _ name: String) -> Bool {
        relative != Self.record && relative != Self.started && !name.hasPrefix(".")
            && !name.hasSuffix(".partial")
    }

    /// Whether a folder only serves to continue a training: its states, its best parameters so far,
    /// what its reference makes of the data.
    private static func isOfTraining(_ relative: String) -> Bool {
        guard relative.hasPrefix("model/") else { return false }
        let name = relative.dropFirst("model/".count)
        return name == "best" || name == "reference"
            || name.hasPrefix("checkpoint-") && Int(name.dropFirst("checkpoint-".count)) != nil
    }

    /// Removes what only serves to continue a stage that is complete now, and what a kill has left.
    ///
    /// - Throws: the errors of removing files.
    func removeLeftovers(of stage: StageID) throws(SwiftletError) {
        for inner in ["", "model"] {
            let place = path(of: stage, inner)
            guard FileSystem.isFolder(place) else { continue }
            for name in try FileSystem.names(in: place)
            where name.hasPrefix(".") && name.hasSuffix(".partial")
                || Self.isOfTraining(FileSystem.join(inner, name))
            {
                try FileSystem.remove(FileSystem.join(place, name))
            }
        }
        try FileSystem.remove(path(of: stage, Self.started))
    }
}
