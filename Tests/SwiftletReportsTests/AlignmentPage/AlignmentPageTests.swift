import SwiftletReports
import SwiftletText
import Testing
import _SwiftletTestSupport

/// The page is a single file that loads nothing, and nothing in a text becomes markup.
struct AlignmentPageTests {
    private static func page(_ texts: [String], name: String = "<A&\"'>") throws -> String {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let folder = try SmallVocabulary.addingTokens([
            ["content": .string("ighth")], ["content": .string("<b>")],
        ])
        let other = try TextTokenizer(path: folder.path)
        let pair = TokenizerPair(tokenizer, other)
        var report = AlignmentReport()
        for text in texts { report.add(try pair.align(text), name: name) }
        return AlignmentPage(report, pair, nameA: name, nameB: "B").html()
    }

    @Test("markup in texts, names and tokens is escaped")
    func escaped() throws {
        let page = try Self.page([
            "</script><script>alert(1)</script>", "<b>\" onmouseover='x'</b>", "a & b &amp; <b>",
        ])
        #expect(page.components(of: "<script>") == 1)
        #expect(page.components(of: "</script>") == 1)
        #expect(!page.contains("<b>\""))
        #expect(!page.contains("<A&"))
        #expect(page.contains("&lt;A&amp;&quot;&#39;&gt;"))
        #expect(page.contains("&quot;"))
    }

    @Test("nothing is loaded")
    func alone() throws {
        let page = try Self.page(["The light", "http://example.com/a.js"])
        #expect(page.contains("default-src 'none'"))
        for word in ["src=", "href=", "@import", "url(", "fetch("] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test("control characters, marks and characters that change direction are visible")
    func visible() throws {
        let page = try Self.page(["a\u{0}\u{7}\t\n", "\u{301}x", "a\u{202E}b\u{200B}", "\u{7F}"])
        for scalar in page.unicodeScalars {
            #expect(scalar == "\n" || scalar.value >= 0x20, "\(scalar.value)")
            #expect(scalar.value != 0x202E && scalar.value != 0x200B && scalar.value != 0x7F)
        }
        for shown in [
            "\u{2400}", "\u{2407}", "\u{21E5}", "\u{21B5}", "U+202E", "U+200B", "\u{2421}",
        ] {
            #expect(page.contains(shown), "\(shown.debugDescription)")
        }
        #expect(page.unicodeScalars.contains("\u{25CC}"))
    }

    @Test("each token that is part of a character has a bar, and the character is whole")
    func parts() throws {
        let page = try Self.page(["𓂀"])
        #expect(page.components(of: "class=\"t\"") == 1)
        #expect(page.contains(">𓂀</span>"))
        #expect(page.components(of: "<i class=\"a") == 4)
        #expect(page.contains("grid-column:4/5"))
    }

    @Test("all of the text is drawn, block by block, and tokens are listed")
    func drawn() throws {
        let text = "The lighthouse keeper's  lamp = 12;"
        let page = try Self.page([text])
        var drawn = ""
        for piece in page.split(separator: "<span class=\"t\"").dropFirst() {
            let start = try #require(piece.firstIndex(of: ">"))
            let end = try #require(piece[start...].range(of: "</span>")).lowerBound
            drawn += piece[piece.index(after: start)..<end]
        }
        #expect(drawn == text.replacing("'", with: "&#39;"))
        #expect(page.contains("512 “ighth”"))
        #expect(page.contains("class=\"g d\""))
    }

    @Test("only the beginning of a long text is drawn, and the rest is counted")
    func long() throws {
        let page = try Self.page([String(repeating: "x1", count: 10_000)])
        #expect(page.contains(" more groups are not drawn."))
        #expect(page.utf8.count < 4_000_000)
    }

    @Test("an empty page")
    func empty() throws {
        let page = try Self.page([])
        #expect(page.contains("<table id=\"texts\">"))
        #expect(page.contains("–"))
        #expect(try Self.page([""]).contains("100 %"))
    }
}

extension String {
    /// The number of times that a text occurs.

    fileprivate func components(of part: String) -> Int { self.ranges(of: part).count }
}
