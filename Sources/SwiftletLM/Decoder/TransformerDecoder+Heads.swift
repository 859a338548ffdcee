import SwiftletBytes
import SwiftletCompute

extension TransformerDecoder {
    /// The head that computes logits of the vocabulary.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead`` for a model without one.
    func languageHead() throws(SwiftletError) -> LinearLayer {
        let head = try anyHead()
        if case .classes(let count) = description.head {
            throw SwiftletError(
                .lacksHead,
                "the model has a classification head of \(count) labels and no language-model head",
                hint: "swiftlet classify uses it")
        }
        return head
    }

    /// The head that computes logits of classes.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead`` for a model without one.
    func classificationHead() throws(SwiftletError) -> LinearLayer {
        let head = try anyHead()
        guard case .classes = description.head else {
            throw SwiftletError(
                .lacksHead, "the model has a language-model head and no classification head",
                hint: "checkpoints of …ForSequenceClassification classes have one")
        }
        return head
    }

    /// The logits that the classification head computes.
    ///
    /// - Parameters:
    ///   - hidden: hidden states of last tokens, rows × embeddingSize.
    ///   - context: the threads.
    /// - Returns: rows × classes.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead`` for a model without one.
    public func classLogits(_ hidden: Matrix, _ context: ComputeContext) throws(SwiftletError)
        -> Matrix
    {
        let head = try classificationHead()
        let logits = Matrix(rows: hidden.rows, columns: head.weight.outSize)
        context.linear(hidden, head, into: logits)
        return logits
    }

    /// The number of logits in a row: of the vocabulary, or of the classes; nil without head.
    public var logitCount: Int? { (try? anyHead())?.weight.outSize }

    /// The model's head, of whichever kind.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead`` for a model that ends with hidden states.
    func anyHead() throws(SwiftletError) -> LinearLayer {
        guard let head = weights.head else {
            throw SwiftletError(
                .lacksHead, "the model ends with hidden states and has no head",
                hint: "checkpoints of …ForCausalLM and …ForSequenceClassification classes have one")
        }
        return head
    }
}

extension SwiftletError.Code {
    /// A model does not have the requested head.
    public static let lacksHead = Self("model.head", .unsupported)
}
