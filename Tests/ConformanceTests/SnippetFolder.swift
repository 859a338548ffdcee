import Foundation
import _SwiftletTestSupport

/// The folder in which snippets run: it has the models and files that they name.
///
/// A snippet names its files by relative paths, so it runs in an exit test, whose process has a
/// current folder of its own.
enum SnippetFolder {
    /// Runs `body` with the folder as the current one.
    ///
    /// - Parameters:
    ///   - usesRealVocabularies: links the tokenizers in `SWIFTLET_DATA`, if it is set, in place of
    ///     small ones of the same kind.
    ///   - body: the snippet and what is expected of it.
    /// - Throws: what `body` throws.
    static func run(
        usesRealVocabularies: Bool = false, _ body: () async throws -> Void
    ) async throws {
        let folder = try TestFiles.temporaryFolder()
        let links = [
            "gpt2": "gpt2-tiny", "openai-community/gpt2": "gpt2-tiny",
            "llama3": "bpe-families/llama3",
            "model.safetensors": "gpt2-tiny/model.safetensors",
            "pytorch_model.bin": "gpt2-tiny-f16-bin/pytorch_model.bin",
            "model.gguf": "gguf/types.gguf",
            "tf_model.h5": "keras/gpt2/tf_model.h5",
            "unigram/tokenizer.model": "sentencepiece/unigram.model",
        ]
        for name in ["unigram", "openai-community"] {
            try FileManager.default.createDirectory(
                atPath: folder.file(name), withIntermediateDirectories: false)
        }
        for (name, fixture) in links {
            var target = TestFiles.fixture(fixture)
            if usesRealVocabularies, let data = TestFiles.data,
                FileManager.default.fileExists(atPath: "\(data)/tokenizers/\(name)")
            {
                target = "\(data)/tokenizers/\(name)"
            }
            try FileManager.default.createSymbolicLink(
                atPath: folder.file(name), withDestinationPath: target)
        }
        try story.write(toFile: folder.file("story.jsonl"), atomically: true, encoding: .utf8)
        try answers.write(
            toFile: folder.file("answers.jsonl"), atomically: true, encoding: .utf8)
        try pairs.write(toFile: folder.file("pairs.jsonl"), atomically: true, encoding: .utf8)
        for (name, count) in [("devel.jsonl", 2033), ("test.jsonl", 3)] {
            let lines = String(repeating: utterance, count: count)
            try lines.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
        }
        guard FileManager.default.changeCurrentDirectoryPath(folder.path) else {
            throw CocoaError(.fileNoSuchFile)
        }
        try await body()
        withExtendedLifetime(folder) {}
    }

    /// A few sentences, one JSON object per line.
    private static let story = """
        {"text":"The light turned once in every twelve seconds."}
        {"prompt":"The keeper ","completion":"climbed the stairs."}
        {"text":"A sailor saw it from far away."}

        """

    /// Questions with a better and a worse answer, one JSON object per line.
    private static let pairs = """
        {"prompt":"Q: What turned? A:","chosen":" The light.","rejected":" The stairs."}
        {"prompt":"Q: Who climbed? A:","chosen":" The keeper.","rejected":" The sea climbed."}

        """

    /// Questions with right and wrong answers, one JSON object per line.
    private static let answers = """
        {"text":"Q: What turned? A: The light.","label":"right"}
        {"text":"Q: What turned? A: The stairs.","label":"wrong"}
        {"text":"Q: Who climbed? A: The keeper.","label":"right"}

        """

    /// An utterance in SLURP's form, as one line.
    private static let utterance = """
        {"slurp_id":1,"sentence":"wake me at six","entities":[{"type":"time","filler":"six"}]}

        """
}
