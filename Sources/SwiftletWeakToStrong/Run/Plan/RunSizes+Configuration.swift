import SwiftletBytes
import SwiftletCheckpoint
import SwiftletTasks
import SwiftletText

extension RunSizes {
    /// Rows that stand for data that are not there.
    private static let assumedRows = 1000
    /// Examples whose tokens are counted.
    private static let sampled = 100
    /// Bytes of a token where there is no tokenizer to count with.
    private static let bytesPerToken = 4.0

    /// The sizes of a configuration's models and data.
    ///
    /// Missing models have no shape. Missing data have the rows of the split, and texts as long as
    /// the task's usually are.
    ///
    /// - Parameters:
    ///   - configuration: the configuration.
    ///   - sentencePiece: the algorithms of SentencePiece that tokenizers may use.
    init(_ configuration: RunConfiguration, sentencePiece: SentencePieceSupport) {
        for model in configuration.weak.map(\.model) + [configuration.strong.model] {
            if let shape = try? ModelShape(model: model) {
                shapes[model] = shape
            } else if !unsized.contains(model) {
                unsized.append(model)
            }
        }
        precision = configuration.precision
        let data = configuration.data
        switch data.source {
        case .split(_, let weak, let strong): (weakRows, strongRows) = (weak, strong)
        case .files(let weak, let strong):
            (weakRows, strongRows) = (Self.rows(weak), Self.rows(strong))
        }
        testRows = min(Self.rows(data.test), data.testLimit ?? .max)
        validationRows =
            data.validation.map { min(Self.rows($0), data.validationLimit ?? .max) } ?? 0
        count(configuration, sentencePiece)
    }

    private static func rows(_ path: String) -> Int {
        guard FileSystem.isFile(path), let file = try? MappedFile(path: path) else {
            return assumedRows
        }
        return JSONLines(file.bytes).reduce(0) { count, _ in count + 1 }
    }

    /// Counts the tokens of some examples with the strong model's tokenizer.
    private mutating func count(
        _ configuration: RunConfiguration, _ sentencePiece: SentencePieceSupport
    ) {
        let options = TaskOptions(prompt: configuration.prompt)
        let examples =
            (try? TaskData(
                configuration.task, path: configuration.data.test, options: options,
                limit: Self.sampled
            ).examples()) ?? [Self.typical(configuration)]
        let folder = try? ModelLocator.resolve(configuration.strong.model)
        let tokenizer = folder.flatMap {
            try? TextTokenizer(path: $0, sentencePiece: sentencePiece)
        }
        func tokens(_ text: String) -> Double {
            guard let ids = try? tokenizer?.encodeIDs(text, addSpecialTokens: false) else {
                return Double(text.utf8.count) / Self.bytesPerToken
            }
            return Double(ids.count)
        }
        var (inputs, answers) = (0.0, 0.0)
        for example in examples {
            switch example.input {
            case .text(let text): inputs += tokens(text)
            case .tokens(let ids): inputs += Double(ids.count)
            }
            // The closing token.
            if case .text(let text, _) = example.gold { answers += tokens(text) + 1 }
        }
        let number = Double(max(examples.count, 1))
        answerTokens = max(answers / number, 1)
        self.tokens = max((inputs + answers) / number, 1)
    }

    /// An example as long as those of a task usually are.
    private static func typical(_ configuration: RunConfiguration) -> TaskExample {
        let sentence = "wake me up at eight o'clock in the morning"
        let slots = [SlotEntity(type: "time", filler: "eight o'clock")]
        let input: TaskExample.Input
        let gold: TaskExample.Gold
        switch configuration.task {
        case .slurp:
            input = .text(configuration.prompt.text(sentence))
            gold = .text(SlotSerializer.text(slots), entities: slots)
        case .generate:
            input = .text(String(repeating: sentence, count: 5))
            gold = .text(sentence, entities: nil)
        case .sciq, .classify:
            input = .text(String(repeating: sentence, count: 2))
            gold = .label(.number(0))
        }
        return TaskExample(input: input, gold: gold, line: 1)
    }
}
