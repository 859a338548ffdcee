/// A failure with a cause outside the program: a file, its bytes, a name in it, the disk.
///
/// An error names the file, what is wrong and where. Its ``Code`` identifies the failure, and the
/// code's ``Code/kind-swift.property`` decides the exit status of the command line. Mistakes of the
/// caller, such as shapes that do not match, are preconditions instead.
public struct SwiftletError: Error, Sendable, Equatable {
    /// What happened, for programs; stable across releases.
    public let code: Code
    /// The file concerned, as the user named it.
    public let file: String?
    /// What is wrong, with the value that was found and the values that are allowed.
    public let reason: String
    /// Where it is wrong: an offset, a tensor, a key or a line.
    public let place: String?
    /// What the user can do about it.
    public let hint: String?

    /// Creates an error.
    public init(
        _ code: Code, file: String? = nil, _ reason: String, at place: String? = nil,
        hint: String? = nil
    ) {
        self.code = code
        self.file = file
        self.reason = reason
        self.place = place
        self.hint = hint
    }

    /// Errors are equal if their codes are, because texts may change.
    public static func == (a: SwiftletError, b: SwiftletError) -> Bool { a.code == b.code }

    /// The same error, naming `file` unless it names a file already.
    public func inFile(_ file: String) -> SwiftletError {
        SwiftletError(code, file: self.file ?? file, reason, at: place, hint: hint)
    }

    /// The same error with an outer place before its own, as in `line 3, key "text"`.
    public func at(_ outer: String) -> SwiftletError {
        SwiftletError(
            code, file: file, reason, at: place.map { "\(outer), \($0)" } ?? outer, hint: hint)
    }

    /// The same error with a hint.
    public func hinting(_ hint: String) -> SwiftletError {
        SwiftletError(code, file: file, reason, at: place, hint: hint)
    }
}

extension SwiftletError {
    /// The class of a failure; its raw value is the exit status (sysexits.h).
    public enum Kind: Int32, Sendable {
        /// A comparison found a difference.
        case comparison = 1
        /// The command was used wrongly.
        case usage = 64
        /// The input is malformed.
        case badData = 65
        /// The input does not exist or cannot be opened.
        case noInput = 66
        /// The input is valid but needs something that Swiftlet does not support.
        case unsupported = 69
        /// A defect in Swiftlet.
        case defect = 70
        /// The output cannot be created.
        case cannotCreate = 73
        /// Reading or writing failed.
        case inputOutput = 74
        /// Stopped by SIGINT, after saving.
        case interrupted = 130
        /// Stopped by SIGTERM, after saving.
        case terminated = 143
    }

    /// The identity of a failure.
    ///
    /// Each module adds its own codes in an extension.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// A dotted name: `safetensors.headerTooLarge`.
        public let name: String
        /// The class of failures that it belongs to.
        public let kind: Kind

        /// Creates a code; `name` must be unique across modules.
        public init(_ name: String, _ kind: Kind) {
            self.name = name
            self.kind = kind
        }

        /// The dotted name.
        public var description: String { name }

        /// Codes are equal if their names are.
        public static func == (a: Code, b: Code) -> Bool { a.name == b.name }

        /// Hashes the name.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }
}

extension SwiftletError.Code {
    /// The path names nothing that can be opened.
    public static let noSuchFile = Self("file.missing", .noInput)
    /// The path names something that is not a regular file.
    public static let notAFile = Self("file.notRegular", .noInput)
    /// The operating system refused to read.
    public static let readFailed = Self("file.read", .inputOutput)
    /// The operating system refused to write: the disk is full, over quota or broken.
    public static let writeFailed = Self("file.write", .inputOutput)
    /// The output exists already, or its folder cannot be written.
    public static let cannotCreate = Self("file.create", .cannotCreate)
    /// The text is not UTF-8.
    public static let notUTF8 = Self("text.utf8", .badData)
    /// An option or argument is invalid.
    public static let usage = Self("usage", .usage)
    /// A defect in Swiftlet.
    public static let defect = Self("defect", .defect)
}

extension SwiftletError: CustomStringConvertible {
    /// `FILE: WHAT, WHERE`, followed by a line with the hint, if there is one.
    ///
    /// No name in it can break the line, or make it longer than a screen.
    public var description: String {
        var text = ""
        if let file { text += "\(file.isEmpty ? "\"\"" : file): " }
        text += reason
        if let place { text += ", \(place)" }
        text = text.excerpt(of: Self.lineLimit).printable
        if let hint { text += "\nhint: \(hint.excerpt(of: Self.lineLimit).printable)" }
        return text
    }

    /// The most characters of a line.
    private static let lineLimit = 4000
}
