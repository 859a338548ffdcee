import Foundation
import Testing
import _SwiftletTestSupport

/// The Swift code in README, ARCHITECTURE, guides and doc comments is exactly what `Snippets/`
/// compiles and runs, so that it cannot go out of date.
@Suite struct DocumentedSnippetTests {
    @Test func everyDocumentedSnippetIsCompiledAndEveryCompiledOneIsDocumented() throws {
        var compiled: [String: [String]] = [:]
        for file in try files(under: "Tests/ConformanceTests/Snippets", ending: ".swift") {
            for snippet in SnippetText.compiled(in: try text(file)) {
                compiled[snippet.document, default: []].append(snippet.text.code)
            }
        }
        var documents = try files(under: "Sources", ending: ".swift", ".md")
        documents += try files(under: "formats", ending: ".swift", ".md")
        documents += ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
        for document in documents {
            let documented = SnippetText.documented(
                in: try text(document), isSource: document.hasSuffix(".swift"))
            let expected = compiled.removeValue(forKey: document) ?? []
            #expect(
                documented.map(\.code).sorted() == expected.sorted(),
                "\(document) and Tests/ConformanceTests/Snippets show different code")
            // The tests compile every snippet with the umbrella alone.
            #expect(documented.flatMap(\.imports).allSatisfy { $0 == "Swiftlet" }, "\(document)")
        }
        #expect(compiled.isEmpty, "snippets of documents that do not exist")
    }

    private func text(_ file: String) throws -> String {
        try String(contentsOfFile: "\(TestFiles.root)/\(file)", encoding: .utf8)
    }

    private func files(under folder: String, ending suffixes: String...) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(TestFiles.root)/\(folder)")
            .filter { path in suffixes.contains { path.hasSuffix($0) } }
            .map { "\(folder)/\($0)" }.sorted()
    }
}
