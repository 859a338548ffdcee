import Testing
import _SwiftletTestSupport

/// Help is a result: status 0, on stdout, with an example.
struct HelpTests {
    static let commands = [
        "inspect", "init", "convert", "diff", "tokenize", "detokenize", "align", "score",
        "classify", "generate", "evaluate", "bench", "finetune", "merge", "pull",
    ]

    @Test("of a command", arguments: commands)
    func command(_ name: String) throws {
        for arguments in [[name, "--help"], [name, "-h"], ["help", name]] {
            let outcome = try Tool.run(arguments)
            #expect(outcome.status == 0)
            #expect(outcome.errors == "")
            let help = outcome.output
            #expect(help.contains("USAGE: swiftlet \(name) "))
            let example = try #require(help.range(of: "EXAMPLE"), "\(name) shows no example")
            #expect(help[example.upperBound...].contains("swiftlet \(name) "))
        }
    }

    @Test("of an option fits the terminal", arguments: commands)
    func options(_ name: String) throws {
        let help = try Tool.run(name, "--help").output
        for line in help.split(separator: "\n") where line.hasPrefix("  --") {
            // Help that does not fit beside the option is placed below it.
            #expect(line.count <= 80)
        }
        #expect(!help.contains("undocumented"))
    }

    @Test("of the tool lists the commands and the exit statuses", arguments: [["--help"], []])
    func whole(_ arguments: [String]) throws {
        let outcome = try Tool.run(arguments).succeeded()
        for name in Self.commands { #expect(outcome.output.contains("  \(name) "), "\(name)") }
        for status in ["64", "65", "66", "69", "73", "74", "130", "143"] {
            #expect(outcome.output.contains(status))
        }
        #expect(outcome.output.contains("EXAMPLE"))
    }

    @Test("the version has three numbers")
    func version() throws {
        let version = try Tool.run("--version").succeeded().lines
        #expect(version.count == 1)
        #expect(version[0].split(separator: ".").compactMap { Int($0) }.count == 3)
    }

    @Test("shells complete every command", arguments: ["bash", "zsh", "fish"])
    func completion(_ shell: String) throws {
        let script = try Tool.run("--generate-completion-script", shell).succeeded().output
        for name in Self.commands { #expect(script.contains(name)) }
    }
}
