import SwiftletBytes
import SwiftletDigests

/// What a stage's outputs are a function of.
struct StageIdentity: Sendable, Equatable {
    let kind: String
    let settings: JSONObject
    /// The hashes of all files that the stage reads, by names that do not depend on where the run
    /// folder or the user's files are.
    let inputs: [(name: String, hash: String)]

    static let version = 1

    /// The SHA-256 of the identity's text, which is the same for the same values.
    ///
    /// - Throws: the errors of computing hashes.
    func key() throws(SwiftletError) -> String {
        try SHADigest.sha256(of: JSONValue.object(object).text())
    }

    private var object: JSONObject {
        [
            "version": JSONValue(Self.version), "kind": .string(kind),
            "settings": .object(settings), "inputs": .object(inputsObject),
        ]
    }

    var inputsObject: JSONObject {
        var object = JSONObject()
        for input in inputs { object.append(input.name, .string(input.hash)) }
        return object
    }

    static func == (a: StageIdentity, b: StageIdentity) -> Bool {
        a.kind == b.kind && a.settings == b.settings
            && a.inputs.elementsEqual(b.inputs) { $0 == $1 }
    }
}

/// The record of a complete stage: `stage.json`, written after all outputs.
struct StageRecord: Sendable {
    let key: String
    /// Nil where only the key was recorded.
    let settings: JSONObject?
    let inputs: JSONObject?
    /// Hashes by the outputs' paths in the stage's folder.
    let outputs: [(path: String, hash: String)]
    /// Seconds that the stage took, over all its runs.
    let seconds: Double

    /// Reads the record of a stage; nil if there is none that can be read, which is as good as none.
    init?(path: String) {
        guard FileSystem.isFile(path), let value = try? JSONValue.read(path: path),
            value["version"]?.int == StageIdentity.version, let key = value["key"]?.string,
            let outputs = value["outputs"]?.object
        else { return nil }
        self.key = key
        settings = value["settings"]?.object
        inputs = value["inputs"]?.object
        var list: [(path: String, hash: String)] = []
        for pair in outputs.pairs {
            guard let hash = pair.value.string, !pair.key.hasPrefix("/"),
                !pair.key.split(separator: "/").contains("..")
            else { return nil }
            list.append((pair.key, hash))
        }
        self.outputs = list
        seconds = value["seconds"]?.double ?? 0
    }

    /// Makes the record of a stage that has just run.
    init(
        _ identity: StageIdentity, key: String, outputs: [(path: String, hash: String)],
        seconds: Double
    ) {
        self.key = key
        settings = identity.settings
        inputs = identity.inputsObject
        self.outputs = outputs
        self.seconds = seconds
    }

    /// Writes the record of a stage.
    ///
    /// - Throws: the errors of writing.
    func write(_ path: String, kind: String) throws(SwiftletError) {
        var hashes = JSONObject()
        for output in outputs { hashes.append(output.path, .string(output.hash)) }
        let object: JSONObject = [
            "version": JSONValue(StageIdentity.version), "kind": .string(kind),
            "key": .string(key), "settings": .object(settings ?? [:]),
            "inputs": .object(inputs ?? [:]), "outputs": .object(hashes),
            "seconds": JSONValue(finite: (seconds * 1000).rounded() / 1000),
        ]
        try AtomicFile.write(
            Array((JSONValue.object(object).text(pretty: true) + "\n").utf8), to: path)
    }

    /// The first thing in which an identity differs from the recorded one, for people.
    func difference(from identity: StageIdentity) -> String {
        for (now, before, what) in [
            (identity.settings, settings ?? [:], "setting "),
            (identity.inputsObject, inputs ?? [:], ""),
        ] {
            for pair in now.pairs where before[pair.key] != pair.value {
                return before[pair.key] == nil
                    ? "\(what)\(pair.key) is new" : "\(what)\(pair.key) has changed"
            }
            for pair in before.pairs where now[pair.key] == nil {
                return "\(what)\(pair.key) is gone"
            }
        }
        return "its kind has changed"
    }
}

/// The note that a stage was started and is not complete: `started.json`.
struct StageStart {
    let key: String
    let settings: JSONObject
    /// Seconds that earlier runs of the stage took.
    let seconds: Double

    /// Reads the note; nil if there is none that can be read.
    init?(path: String) {
        guard FileSystem.isFile(path), let value = try? JSONValue.read(path: path),
            let key = value["key"]?.string
        else { return nil }
        self.key = key
        settings = value["settings"]?.object ?? [:]
        seconds = value["seconds"]?.double ?? 0
    }

    init(_ identity: StageIdentity, key: String, seconds: Double) {
        self.key = key
        settings = identity.settings
        self.seconds = seconds
    }

    /// Writes the note.
    ///
    /// - Throws: the errors of writing.
    func write(_ path: String) throws(SwiftletError) {
        let object: JSONObject = [
            "key": .string(key), "settings": .object(settings),
            "seconds": JSONValue(finite: (seconds * 1000).rounded() / 1000),
        ]
        try AtomicFile.write(Array((JSONValue.object(object).text() + "\n").utf8), to: path)
    }
}
