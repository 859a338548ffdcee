/// How far a file of declared tensors is written: one after the other, each with exactly its number of
/// bytes.
package struct TensorProgress {
    /// The index of the tensor that the next byte belongs to.
    package private(set) var current = 0
    /// The number of its bytes that are written.
    package var written = 0

    private let tensors: [(name: String, byteCount: Int)]
    private let file: String
    private let code: SwiftletError.Code

    /// Begins with the first tensor.
    ///
    /// - Parameters:
    ///   - tensors: names and sizes in the order of declaration.
    ///   - file: the file's path, for errors.
    ///   - code: of the errors.
    package init(
        _ tensors: [(name: String, byteCount: Int)], file: String, code: SwiftletError.Code
    ) {
        (self.tensors, self.file, self.code) = (tensors, file, code)
    }

    /// Checks that the current tensor lacks as many bytes as are to be written.
    ///
    /// - Throws: an error with the writer's code.
    package func checkRoom(for count: Int) throws(SwiftletError) {
        guard current < tensors.count else {
            throw SwiftletError(code, file: file, "\(count) bytes too many for the last tensor")
        }
        let tensor = tensors[current]
        guard count <= tensor.byteCount - written else {
            throw SwiftletError(
                code, file: file,
                "\(written + count) bytes written to a tensor of \(tensor.byteCount)",
                at: "tensor \"\(tensor.name)\"")
        }
    }

    /// Goes on to the next tensor if the current one is whole.
    ///
    /// - Returns: the size of the whole tensor; nil if there is none.
    package mutating func nextAfterWhole() -> Int? {
        guard current < tensors.count, written == tensors[current].byteCount else { return nil }
        defer { (current, written) = (current + 1, 0) }
        return written
    }

    /// Checks that every tensor is whole.
    ///
    /// - Throws: an error with the writer's code.
    package func checkIsComplete() throws(SwiftletError) {
        guard current < tensors.count else { return }
        let tensor = tensors[current]
        throw SwiftletError(
            code, file: file, "only \(written) of \(tensor.byteCount) bytes were written",
            at: "tensor \"\(tensor.name)\"")
    }
}
