import SwiftletBytes
import SwiftletGGUF

extension CheckpointConverter {
    /// Writes the tokenizer of a GGUF file that has no tensors, such as llama.cpp's vocabularies, whatever
    /// the architecture; nil for any other source.
    static func vocabulary(
        _ source: String, to destination: String, force: Bool
    ) throws(SwiftletError) -> Summary? {
        guard GGUFModel.isFile(source), !Destination.isFile(destination) else { return nil }
        let start = ContinuousClock.now
        let file = try GGUFFile(path: source)
        guard file.tensors.isEmpty, GGUFTokenizer.isPresent(in: file) else { return nil }
        let tokenizer = try GGUFTokenizer(file)
        let files = [
            ("tokenizer.json", tokenizer.json), ("tokenizer_config.json", tokenizer.configuration),
        ]
        _ = try AtomicFolder.write(destination, replacing: force) {
            (folder) throws(SwiftletError) in
            for (name, bytes) in files {
                try AtomicFile.write(bytes, to: FileSystem.join(folder.temporary, name))
            }
        }
        let elapsed = start.duration(to: .now).components
        return Summary(
            tensors: 0, bytesIn: 0, bytesOut: 0,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18, overflowed: 0,
            hasTokenizer: true, notes: ["the file has no tensors: only its tokenizer is written"])
    }
}
