import Testing

@testable import SwiftletText

/// Stripping a text that comes in parts is stripping the text.
@Suite struct StripTextStageTests {
    @Test("any cut of a text, any numbers", arguments: [0, 1, 2, 3, 5, Int.max])
    func cuts(_ stop: Int) {
        for start in [0, 1, 4] {
            let strip = GeneralDecoder.Strip(
                content: Array("é".utf8), start: start, stop: stop)
            for text in ["ééaéé", "ééé", "aééé", "éaébééé", "", "ab"] {
                for cuts in 0..<(1 << max(text.count - 1, 0)) {
                    var stage = StripTextStage(strip)
                    var parts: [[UInt8]] = []
                    for token in Self.cut(text, at: cuts) { stage.push(token, to: &parts) }
                    stage.finish(to: &parts)
                    #expect(
                        Array(parts.joined()) == strip.applied(to: Array(text.utf8)),
                        "\(text), \(start), \(stop), \(cuts)")
                }
            }
        }
    }

    /// The characters of a text in tokens; bit i of `cuts` separates character i from the next.
    private static func cut(_ text: String, at cuts: Int) -> [[UInt8]] {
        var tokens: [[UInt8]] = [[]]
        for (index, character) in text.enumerated() {
            tokens[tokens.count - 1] += Array(String(character).utf8)
            if cuts >> index & 1 == 1 { tokens.append([]) }
        }
        return tokens
    }
}
