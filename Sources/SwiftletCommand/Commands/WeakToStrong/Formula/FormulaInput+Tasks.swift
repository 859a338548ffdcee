import SwiftletBytes
import SwiftletTasks

// Formulas of tasks and their metrics.

extension FormulaInput {
    func mcnemar() throws(SwiftletError) -> JSONObject {
        ["p_value": JSONValue(finite: McNemarTest.pValue(try count("b"), try count("c")))]
    }

    func parse() throws(SwiftletError) -> JSONObject {
        let text = try fields.required("text") { (key) throws(SwiftletError) in
            try fields.string(key)
        }
        let slots = SlotParser.parse(text)
        return [
            "pairs": .array(slots.entities.map { JSONValue([$0.type, $0.filler]) }),
            "status": .string(slots.status.rawValue),
        ]
    }

    func serialize() throws(SwiftletError) -> JSONObject {
        let entities = try fields.required("entities") { (key) throws(SwiftletError) in
            try fields.elements(key, as: "a pair of a type and a filler") { value in
                value.array.flatMap { pair in
                    guard pair.count == 2, let type = pair[0].string, let filler = pair[1].string
                    else { return SlotEntity?.none }
                    return SlotEntity(type: type, filler: filler)
                }
            }
        }
        return ["text": .string(SlotSerializer.text(entities))]
    }
}
