import SwiftletBytes

/// A line of a label file: what one weak model says about one example (`formats/weak-labels.md`).
public protocol LabelLine: Sendable {
    /// Reads the keys of a line.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/labelLine`` naming the key.
    init(_ fields: LabelFields) throws(SwiftletError)

    /// The line as JSON.
    var object: JSONObject { get }

    /// Whether both are labels of the same example.
    func isExample(of other: Self) -> Bool

    /// The number of classes, which is the same in all lines; nil for labels of another kind.
    var classCount: Int? { get }
}

/// The keys of a line of a label file.
public struct LabelFields: Sendable {
    let fields: JSONFields

    init(_ line: ByteView) throws(SwiftletError) {
        // Python writes NaN among values that are not used here.
        fields = try JSONFields(JSONValue.parse(line, allowsNonFinite: true), code: .labelLine)
    }

    /// Who labelled; nil if the line does not say.
    var model: LabelModel? {
        get throws(SwiftletError) {
            guard let model = try fields.fields("model") else { return nil }
            return LabelModel(
                name: try model.required("name", model.string),
                sha256: try model.string("sha256"))
        }
    }
}

/// The model, or another annotator, whose labels a file has.
public struct LabelModel: Sendable, Equatable {
    /// Its name for people.
    public let name: String
    /// The SHA-256 of its weights in hexadecimal digits (``ModelDigest``); nil if unknown.
    public let sha256: String?

    /// Creates an identity.
    public init(name: String, sha256: String?) {
        self.name = name
        self.sha256 = sha256
    }

    /// The value of the key `model`.
    public var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        if let sha256 { object.append("sha256", .string(sha256)) }
        return .object(object)
    }
}

/// What is labelled: a text, or the tokens of the model that is trained.
public enum LabelInput: Sendable, Equatable {
    /// A text, encoded by each model for itself.
    case text(String)
    /// Tokens.
    case ids([Int32])

    /// Reads the keys `ids` and `text` of a line.
    init(_ fields: JSONFields) throws(SwiftletError) {
        if let ids = try fields.elements("ids", as: "a token id", \.nonNegativeInt32) {
            guard !ids.isEmpty else { throw fields.failure("ids", "there are no tokens") }
            self = .ids(ids)
        } else if let text = try fields.string("text") {
            self = .text(text)
        } else {
            throw fields.failure("text", "has neither \"text\" nor \"ids\"")
        }
    }

    /// Whether both are the same, texts byte by byte.
    public static func == (a: LabelInput, b: LabelInput) -> Bool {
        switch (a, b) {
        // As strings, two spellings of one character would be equal.
        case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
        case (.ids(let a), .ids(let b)): a == b
        case (.text, .ids), (.ids, .text): false
        }
    }
}

extension SwiftletError.Code {
    /// A line of a label file that has none of the known forms, or is another example than the same
    /// line of another file.
    public static let labelLine = Self("labels.line", .badData)
    /// A label file without lines.
    public static let noLabels = Self("labels.empty", .badData)
    /// Label files that do not go together with each other or with a method.
    public static let labelFiles = Self("labels.files", .usage)
}
