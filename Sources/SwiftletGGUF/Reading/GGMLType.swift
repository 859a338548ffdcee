import SwiftletBytes

/// The types of elements by their numbers in files (`enum ggml_type`).
enum GGMLType {
    /// Returns the dtype of a number; nil if there is none.
    static func dtype(_ number: UInt32) -> DType? { dtypes[number] }

    /// Returns the number of a dtype; nil if GGUF has no such type.
    static func number(_ dtype: DType) -> UInt32? { dtype.blockKind ?? plain[dtype] }

    /// Returns the name of a number, for errors.
    static func name(_ number: UInt32) -> String {
        others[number] ?? dtypes[number]?.rawValue ?? "number \(number)"
    }

    private static let plain: [DType: UInt32] = [
        .f32: 0, .f16: 1, .i8: 24, .i16: 25, .i32: 26, .i64: 27, .f64: 28, .bf16: 30,
    ]

    private static let dtypes: [UInt32: DType] = Dictionary(
        uniqueKeysWithValues: DType.allCases.compactMap { dtype in
            number(dtype).map { ($0, dtype) }
        })

    /// The types that this version does not read, those included that ggml no longer has.
    private static let others: [UInt32: String] = [
        4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS",
        19: "IQ1_S", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 29: "IQ1_M", 31: "Q4_0_4_4",
        32: "Q4_0_4_8", 33: "Q4_0_8_8", 34: "TQ1_0", 35: "TQ2_0", 36: "IQ4_NL_4_4",
        37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8", 39: "MXFP4", 40: "NVFP4", 41: "Q1_0",
    ]
}
