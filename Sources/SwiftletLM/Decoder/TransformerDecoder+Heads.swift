import SwiftletBytes

extension TransformerDecoder {
    /// The head that gives logits of the vocabulary.
    ///
    /// - Throws: ``SwiftletError/Code/lacksHead`` for a model without one.
    func languageHead() throws(SwiftletError) -> LinearLayer {
        let head = try anyHead()
        if case .classes(let count) = description.head {
            throw SwiftletError(
                .lacksHead,
                "the model has a classification head of \(count) labels and no language-model head",
                hint: "swiftlet classify gives its labels")
        }
        return head
    }

    /// The head that gives logits of classes.
    ///
    /// - Throws: ``SwiftletError/Code/lacksHead`` for a model without one.
    func classificationHead() throws(SwiftletError) -> LinearLayer {
        let head = try anyHead()
        guard case .classes = description.head else {
            throw SwiftletError(
                .lacksHead, "the model has a language-model head and no classification head",
                hint: "a checkpoint of a class …ForSequenceClassification has one")
        }
        return head
    }

    /// Whatever head the model has.
    ///
    /// - Throws: ``SwiftletError/Code/lacksHead`` for a model that ends with hidden states.
    func anyHead() throws(SwiftletError) -> LinearLayer {
        guard let head = weights.head else {
            throw SwiftletError(
                .lacksHead, "the model ends with hidden states and has no head",
                hint: "a checkpoint of a class …ForCausalLM or …ForSequenceClassification has one")
        }
        return head
    }
}

extension SwiftletError.Code {
    /// A model does not have the head that is asked for.
    public static let lacksHead = Self("model.head", .unsupported)
}
