import Testing
import _SwiftletTestSupport

/// Wrong usage: status 64 and one line, before anything is read or created.
struct UsageTests {
    private static let model = TestFiles.fixture("gpt2-tiny")
    private static let finetune = ["finetune", model, "--data", "d", "--out", "/nowhere/o"]

    @Test(
        "is refused by name",
        arguments: [
            (["frobnicate"], "frobnicate"),
            (["score"], "<model>"), (["inspect"], "<path>"), (["init", "a"], "<folder>"),
            (["convert", "a"], "<destination>"), (["diff", "a"], "<b>"),
            (["tokenize"], "<model>"), (["detokenize"], "<model>"), (["generate"], "<model>"),
            (["finetune", "m", "--out", "o"], "--data"),
            (["finetune", "m", "--data", "d"], "--out"),
            (["inspect", model, "more"], "more"),
            (["inspect", model, "--frobnicate"], "--frobnicate"),
            (["score", model, "a", "--threads"], "--threads"),
            (["score", model, "a", "--threads", "many"], "--threads"),
            (["score", model, "a", "--threads", "0"], "--threads"),
            (["score", model, "a", "--threads", "1024"], "--threads must be from 1 to 128"),
            (["generate", model, "--prompt", "a", "--temperature", "inf"], "--temperature"),
            (["generate", model, "--prompt", "a", "--stop", ""], "--stop must not be"),
            (["score", model, "a", "--threads", "9223372036854775807"], "--threads"),
            (["classify", model], "--jsonl"), (["classify", model, "a", "--jsonl"], "--jsonl"),
            (["classify", model, "--jsonl", "--batch-tokens", "-1"], "--batch-tokens"),
            (["score", model], "--jsonl"), (["score", model, "a", "--jsonl"], "--jsonl"),
            (["score", model, "--jsonl", "--json"], "--json"),
            (["score", model, "a", "--input", "f"], "--input"),
            (["tokenize", model, "a", "--jsonl"], "--jsonl"),
            (["tokenize", model, "--count"], "--input"),
            (["tokenize", model, "--count", "--jsonl", "--input", "f"], "--jsonl"),
            (["tokenize", model, "--count", "--input", "f", "--repeat", "0"], "--repeat"),
            (["align", model], "<b>"), (["align", model, model, "a", "--lines"], "--lines"),
            (["align", model, model, "--jsonl", "--lines"], "--lines"),
            (["align", model, model, "--worst", "-1"], "--worst"),
            (["detokenize", model, "one"], "one"), (["detokenize", model, "1.5"], "1.5"),
            (["detokenize", model, "1", "--jsonl"], "--jsonl"),
            (["detokenize", model, "--input", "f"], "--input"),
            (["generate", model], "--prompt"), (["generate", model, "--prompt"], "--prompt"),
            (["generate", model, "--prompt", "a", "--jsonl"], "--prompt"),
            (["generate", model, "--prompt", "a", "--input", "f"], "--input"),
            (["generate", model, "--prompt", "a", "--max-new-tokens", "-1"], "--max-new-tokens"),
            (["generate", model, "--prompt", "a", "--temperature", "-1"], "temperature"),
            (["generate", model, "--prompt", "a", "--temperature", "nan"], "temperature"),
            (["generate", model, "--prompt", "a", "--top-k", "0"], "top-k"),
            (["generate", model, "--prompt", "a", "--top-p", "1.5"], "top-p"),
            (["generate", model, "--prompt", "a", "--top-p", "0"], "top-p"),
            (["generate", model, "--prompt", "a", "--seed", "-1"], "--seed"),
            (["init", model, "o", "--dtype", "f8"], "--dtype"),
            (["convert", model, "o", "--dtype", "int"], "--dtype"),
            (["convert", model, "o", "--to", "zip"], "--to"),
            (["diff", model, model, "--atol", "-1"], "--atol"),
            (["diff", model, model, "--rtol", "nan"], "--rtol"),
        ])
    func refused(_ arguments: [String], _ word: String) throws {
        try Tool.run(arguments).failed(64, "", mentioning: word)
    }

    @Test("a value that begins with - is given after =")
    func leadingHyphen() throws {
        let outcome = try Tool.run("generate", Self.model, "--prompt", "-5 degrees")
        outcome.failed(64, "", mentioning: "--prompt")
        #expect(outcome.errors.contains("'--prompt=-5 degrees'"), "\(outcome.errors)")
        try Tool.run("generate", Self.model, "--prompt=-5 degrees", "--max-new-tokens", "1")
            .succeeded()
    }

    @Test(
        "of finetune is refused by name",
        arguments: [
            (["--epochs", "1", "--steps", "2"], "--steps"), (["--epochs", "0"], "epochs"),
            (["--steps", "0"], "steps"), (["--steps", "x"], "--steps"),
            (["--batch-size", "0"], "batch-size"), (["--micro-batch-size", "0"], "batch-size"),
            (["--lr", "0"], "lr"), (["--lr", "-1"], "lr"), (["--lr", "nan"], "lr"),
            (["--lr", "fast"], "--lr"), (["--warmup", "-1"], "warmup"),
            (["--warmup", "1.5"], "--warmup"), (["--warmup", "101%"], "--warmup"),
            (["--keep-best"], "--eval-data"), (["--keep-best", "score"], "--keep-best"),
            (["--patience", "2"], "--eval-data"), (["--beta", "1"], "--task preference"),
            (["--weight-decay", "-0.1"], "weight-decay"), (["--clip", "-1"], "clip"),
            (["--clip", "nan"], "clip"), (["--save-every", "0"], "save-every"),
            (["--keep", "0"], "keep"), (["--eval-every", "2"], "--eval-data"),
            (["--max-length", "1"], "--max-length"), (["--schedule", "steep"], "--schedule"),
            (["--optimizer", "sgd"], "--optimizer"), (["--task", "dream"], "--task"),
            (["--loss-mean", "words"], "--loss-mean"), (["--decay", "some"], "--decay"),
            (["--dtype", "i8"], "--dtype"), (["--seed", "1.5"], "--seed"),
        ])
    func finetune(_ options: [String], _ word: String) throws {
        try Tool.run(Self.finetune + options).failed(64, "", mentioning: word)
    }

    @Test("settings that exceed the model or a number's range are refused")
    func extremes() throws {
        let run = try FinetuneRun()
        let most = "\(Int.max)"
        try run.run("a", "--max-length", "65").failed(64, "", mentioning: "max-length")
        try run.run("a", "--epochs", most, "--batch-size", "2").failed(64, "", mentioning: "epochs")
        #expect(!Files.exists(run.output("a")))
        // A batch may be larger than the data.
        try run.run("b", "--batch-size", most).succeeded()
        try run.run("c", "--batch-size", "24", "--micro-batch-size", most).succeeded()
        #expect(try run.weights("b") == run.weights("c"))
    }
}
