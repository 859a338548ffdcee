import SwiftletBytes
import Testing

@testable import SwiftletLM

/// Regular expressions as Python's `re` reads them; expectations are its `fullmatch`.
@Suite struct ModulePatternTests {
    private static let name = "model.layers.10.self_attn.q_proj"

    @Test(
        arguments: [
            (#".*\.(q|k|v)_proj"#, true), (#".*q_proj"#, true), (#"q_proj"#, false),
            (#".*\.(k|v)_proj"#, false), (#"model\.layers\.\d+\.self_attn\.q_proj"#, true),
            (#"model\.layers\.\d\.self_attn\.q_proj"#, false),
            (#"model\.layers\.\d{2}\..*"#, true), (#"model\.layers\.\d{3,}\..*"#, false),
            (#"model\.layers\.\d{,2}\..*"#, true), (#"model\.layers\.[0-9]+\..*_proj"#, true),
            (#"model\.layers\.(?:1[0-5]|2\d)\..*"#, true),
            (#"model\.layers\.[^0-9]+\..*"#, false), (#"^model.*proj$"#, true),
            (#"\Amodel.*proj\Z"#, true), (#"(?!.*mlp).*q_proj"#, true),
            (#"(?!.*self_attn).*q_proj"#, false), (#"(?=.*attn).*"#, true),
            (#"(?P<stem>.*)_proj"#, true), (#".*?proj"#, true), (#"\w+(\.\w+)+"#, true),
            (#"[\w.]+"#, true), (#"[\w]+"#, false), (#".*\bq_proj"#, true), (#".*\Bq_proj"#, false),
            (#""#, false), (#"|.*"#, true), (#"(.*)*"#, true), (#"((a|.)*)*"#, true),
            (#".{32}"#, true), (#".{31}"#, false), (#".{0,99}"#, true), (#"[]m]odel.*"#, true),
            (#"model.layers{.*"#, false), (#"m+o+d+e+l+.+"#, true),
            (#"(model|layers|\.)*.*"#, true),
        ])
    func wholeNames(_ pattern: String, _ expected: Bool) throws {
        try ModulePattern.check(pattern)
        #expect(ModulePattern.matches(pattern, whole: Self.name) == expected)
    }

    @Test(
        arguments: [
            ("q_proj", true), ("self_attn.q_proj", true), ("proj", false), (".proj", false),
            ("attn.q_proj", false), ("layers.10.self_attn.q_proj", true), ("q_pro", false),
            ("model.layers.10.self_attn.q_proj", true), ("^q_proj", false), ("^model.*", true),
            (#"layers\.1\d\..*"#, true), ("[qk]_proj", true), ("(v|q)_proj", true),
            ("xmodel.layers.10.self_attn.q_proj", false), ("q.proj", true), ("", false),
        ])
    func endsOfNames(_ pattern: String, _ expected: Bool) throws {
        try ModulePattern.check(pattern)
        #expect(ModulePattern.matches(pattern, end: Self.name) == expected)
    }

    @Test(
        arguments: [
            "(", ")", "a)", "[", "[a", "*", "+a", "a**", "a{2}{3}", "(?", "(?P<", "\\", "[z-a]",
            "a{3,2}", "(?:a", "(?P<n",
        ])
    func malformedExpressions(_ pattern: String) {
        #expect(throws: SwiftletError.self) { try ModulePattern.check(pattern) }
        #expect(!ModulePattern.matches("\(pattern)", whole: Self.name))
    }

    @Test(arguments: [#"(a)\1"#, "(?<=a)b", "(?<!a)b", "(?i)a", "(?P=x)", "a*+", #"\pL"#])
    func unsupportedExpressions(_ pattern: String) {
        #expect(throws: SwiftletError(.adapterUnsupported, "")) {
            try ModulePattern.check(pattern)
        }
    }

    /// Expressions on which backtracking takes exponential time, and nesting without end.
    @Test func hostileExpressionsEnd() throws {
        let name = String(repeating: "a", count: 100) + "!"
        let failing = [
            "(a+)+", "(a|a)*", "(a|aa)+", "((a*)*)*", "(a?){99}a{99}", "(a{1000000}){1000000}",
            "((((a{0,9}){9}){9}){9}){9}",
        ]
        let matching = ["(.*)*", String(repeating: "(.?){99}", count: 100), "(?!(a+)+b).*"]
        for pattern in failing { #expect(!ModulePattern.matches(pattern, whole: name)) }
        for pattern in matching { #expect(ModulePattern.matches(pattern, whole: name)) }
        for count in [51, 100_000] {
            #expect(throws: SwiftletError.self) {
                try ModulePattern.check(String(repeating: "(", count: count))
            }
        }
    }
}
