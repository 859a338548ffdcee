import CSwiftletKernels
import SwiftletBytes

extension DType {
    /// The kernels' name for floats that they widen to singles and round singles to; nil for other
    /// dtypes.
    var kernel: swiftlet_dtype? {
        switch self {
        case .f32: SWIFTLET_F32
        case .f16: SWIFTLET_F16
        case .bf16: SWIFTLET_BF16
        default: nil
        }
    }
}
