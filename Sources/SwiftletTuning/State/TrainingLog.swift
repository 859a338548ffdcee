import SwiftletBytes

/// The log of a run: a JSON object a line, in the order of the steps.
///
/// A resumed run first drops the lines of steps that it makes again, so that the log of a run that
/// was stopped reads like that of one that never was.
final class TrainingLog {
    private let file: AppendingFile

    /// Opens the log for a run that stands after `step` steps.
    ///
    /// - Throws: cannot create (73), I/O (74), or bad data (65) when an old log is none.
    init(path: String, resumingAt step: Int) throws(SwiftletError) {
        Leftovers.remove(of: path)
        if step > 0, FileSystem.isFile(path) {
            var kept: [UInt8] = []
            let old = try MappedFile(path: path)
            for line in JSONLines(old.bytes) {
                // A kill can cut the last line short; whatever it said is said again.
                guard let value = try? JSONValue.parse(line.text), let at = value["step"]?.int
                else { continue }
                if at <= step { kept += line.text.copy() + [0x0A] }
            }
            try AtomicFile.write(kept, to: path)
        } else {
            try AtomicFile.write([], to: path)
        }
        file = try AppendingFile(path: path)
    }

    /// Adds a line.
    func append(_ object: JSONObject) throws(SwiftletError) {
        try file.append([UInt8]((JSONValue.object(object).text() + "\n").utf8))
    }
}
