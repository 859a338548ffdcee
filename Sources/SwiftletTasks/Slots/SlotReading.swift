import SwiftletBytes

/// Reads the `entities` of a line.
package enum SlotReading {
    /// Gold entities: each a `type`, with a `span` of token indices or a `filler`.
    ///
    /// The filler of a span is its tokens' surfaces in lower case, joined by spaces, as the official
    /// evaluator makes it.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/taskLine``, also for a filler without words,
    ///   which no distance is defined for.
    package static func gold(_ fields: JSONFields) throws(SwiftletError) -> [SlotEntity] {
        var surfaces: [String] = []
        for token in try fields.list("tokens") ?? [] {
            surfaces.append(try token.required("surface", token.string))
        }
        var entities: [SlotEntity] = []
        for entity in try fields.required("entities", fields.list) {
            let type = try entity.required("type", entity.string)
            let filler: String
            if let span = try span(entity, count: surfaces.count) {
                filler = span.map { surfaces[$0].fullyLowercased }.joined(separator: " ")
            } else {
                guard let text = try entity.string("filler") else {
                    throw entity.failure("filler", "has neither \"span\" nor \"filler\"")
                }
                filler = text
            }
            guard FillerDistance.hasWords(filler) else {
                throw entity.failure(
                    entity["span"] == nil ? "filler" : "span", "the gold filler has no words")
            }
            entities.append(SlotEntity(type: type, filler: filler))
        }
        return entities
    }

    /// Predicted entities: each a `type` and a `filler`, which may be empty.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/taskLine``.
    package static func predicted(_ fields: JSONFields) throws(SwiftletError) -> [SlotEntity] {
        var entities: [SlotEntity] = []
        for entity in try fields.required("entities", fields.list) {
            entities.append(
                SlotEntity(
                    type: try entity.required("type", entity.string),
                    filler: try entity.required("filler", entity.string)))
        }
        return entities
    }

    /// The token indices of a span; nil without one.
    private static func span(_ entity: JSONFields, count: Int) throws(SwiftletError) -> [Int]? {
        try entity.elements("span", as: "the index of one of \(count) tokens") { value in
            value.int.flatMap { (0..<count).contains($0) ? $0 : nil }
        }
    }
}

extension SlotEntity {
    /// The entity as an object of the published predictions: `{"type","filler"}`.
    package var json: JSONValue {
        .object(["type": .string(type), "filler": .string(filler)])
    }
}
