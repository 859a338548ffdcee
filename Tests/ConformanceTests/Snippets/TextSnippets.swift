import Swiftlet
import Testing
import _SwiftletTestSupport

/// The snippets in the doc comments of tokenizers and their alignment.
@Suite struct TextSnippets {
    @Test func textTokenizer() async throws {
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardOutputContent]
        ) {
            try await SnippetFolder.run(usesRealVocabularies: true) {
                // Snippet: Sources/SwiftletText/Tokenizer/TextTokenizer.swift
                let tokenizer = try TextTokenizer(path: "gpt2")
                let encoding = try tokenizer.encode("Hello world")
                print(encoding.ids, encoding.offsets)  // [15496, 995] [0..<5, 5..<11]
                print(try tokenizer.decode(encoding.ids))  // Hello world
                // End of snippet
            }
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.contains("\nHello world\n"))
        // What the comments say is true of the real vocabulary.
        if TestFiles.data != nil {
            #expect(output.contains("[15496, 995] [Range(0..<5), Range(5..<11)]\n"))
        }
    }

    @Test func sentencePieceLibrary() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletText/SentencePiece/SentencePieceSupport.swift
                let tokenizer = try TextTokenizer(
                    path: "unigram/tokenizer.model", sentencePiece: .library)
                // End of snippet
                #expect(tokenizer.vocabularyCount > 0)
            }
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletSentencePiece/SentencePieceSupport+Library.swift
                let tokenizer = try TextTokenizer(path: "unigram/tokenizer.model")
                // End of snippet
                #expect(tokenizer.vocabularyCount > 0)
            }
        }
    }

    @Test func tokenAlignment() async throws {
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardOutputContent]
        ) {
            // Snippet: Sources/SwiftletText/Alignment/TokenAlignment.swift
            let a = Encoding(ids: [1, 2, 3], offsets: [0..<4, 4..<8, 8..<9])  // play|ing!|s
            let b = Encoding(ids: [7, 8], offsets: [0..<4, 4..<9])  // play|ing!s
            let alignment = TokenAlignment(a: a, b: b, byteCount: 9)
            for group in alignment.groups { print(group.bytes, group.a, group.b) }
            // 0..<4 0..<1 0..<1
            // 4..<9 1..<3 1..<2
            // End of snippet
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.contains("0..<4 0..<1 0..<1\n4..<9 1..<3 1..<2\n"))
    }

    @Test func streamingDecoder() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                let tokenizer = try TextTokenizer(path: "gpt2")
                let ids = try tokenizer.encode("Hello world").ids
                // Snippet: Sources/SwiftletText/Decoding/StreamingDecoder.swift
                var decoder = StreamingDecoder(tokenizer)
                for id in ids { print(try decoder.push(id), terminator: "") }
                print(decoder.finish())
                // End of snippet
            }
        }
    }

    @Test func alignmentReport() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                let texts = ["The light turned.", "A sailor saw it."]
                let pair = TokenizerPair(
                    try TextTokenizer(path: "gpt2"), try TextTokenizer(path: "llama3"))
                // Snippet: Sources/SwiftletText/Alignment/AlignmentReport.swift
                var report = AlignmentReport()
                for text in texts { report.add(try pair.align(text)) }
                print(report.oneToOneShare ?? 1, report.worst.first?.largestGroup ?? 0)
                // End of snippet
                #expect(report.texts == 2)
            }
        }
    }

    @Test func tokenizerPair() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                let texts = ["The light turned.", "A sailor saw it."]
                // Snippet: Sources/SwiftletText/Alignment/TokenizerPair.swift
                let pair = TokenizerPair(
                    try TextTokenizer(path: "gpt2"), try TextTokenizer(path: "llama3"))
                var report = AlignmentReport()
                for text in try pair.align(batch: texts, threads: 4) { report.add(text) }
                print(report.oneToOneShare ?? 1, report.mismatches)
                // End of snippet
                #expect(report.texts == 2)
                #expect(report.mismatches == 0)
                // Snippet: Sources/SwiftletReports/AlignmentPage/AlignmentPage.swift
                let page = AlignmentPage(report, pair, nameA: "gpt2", nameB: "llama3")
                try AtomicFile.write(Array(page.html().utf8), to: "align.html")
                // End of snippet
                #expect(FileSystem.isFile("align.html"))
            }
        }
    }

    @Test func wordsOfAnAlignment() async throws {
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardOutputContent]
        ) {
            try await SnippetFolder.run {
                let weak = try TextTokenizer(path: "gpt2")
                let strong = try TextTokenizer(path: "llama3")
                // Snippet: Sources/SwiftletText/Alignment/TokenAlignment+Words.swift
                let pair = TokenizerPair(weak, strong)
                let aligned = try pair.align(" the lighthouse keeper")
                for word in aligned.alignment.words(of: aligned.text.utf8) {
                    print(word.a, word.b)  // the tokens of " the", of " lighthouse", of " keeper"
                }
                // End of snippet
            }
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.split(separator: "\n").filter { $0.contains("..<") }.count == 3)
    }
}
