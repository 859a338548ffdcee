import ArgumentParser
import SwiftletBytes

struct FormulaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "formula",
        abstract: "Evaluate a formula of the method on given numbers, in double precision.",
        discussion: """
            One JSON object per line in, one per line out, in the same order; an id is repeated. \
            Logits are raw, and gradients are with respect to them; a logit or log-probability may \
            be -Infinity, a log-probability also null. A result that is not finite is null. A model \
            of weight 0 is skipped, whatever it says.

            \(FormulaKind.help)

            EXAMPLE
              echo '{"logits":[2,0,-1],"target":[0.9,0.1,0]}' \
            | swiftlet weak-to-strong formula ce --jsonl
            """)

    @Argument(help: "Which formula.")
    var kind: FormulaKind

    @OptionGroup var lines: LinesOptions

    func validate() throws {
        if !lines.jsonl { throw ValidationError("formula needs --jsonl") }
    }

    func run() throws {
        try LineInput(path: lines.input).forEachObject { line throws(SwiftletError) in
            StandardOutput.shared.line(line.answer(try kind.answer(FormulaInput(line.fields))))
        }
    }
}
