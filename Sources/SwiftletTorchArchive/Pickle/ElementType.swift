import SwiftletBytes

/// The element types that PyTorch 2.13 can name in a file.
enum ElementType: String, CaseIterable {
    case float32, float64, float16, bfloat16, uint8, int8, int16, int32, int64, bool
    case complex64, complex128, complex32
    case uint16, uint32, uint64
    case float8e5m2 = "float8_e5m2"
    case float8e4m3 = "float8_e4m3fn"
    case float8e5m2fnuz = "float8_e5m2fnuz"
    case float8e4m3fnuz = "float8_e4m3fnuz"
    case float8e8m0 = "float8_e8m0fnu"
    case float4 = "float4_e2m1fn_x2"
    case bits8, bits16, bits1x8, bits2x4, bits4x2
    case qint8, qint32, quint8, quint4x2, quint2x4
    case int1, int2, int3, int4, int5, int6, int7
    case uint1, uint2, uint3, uint4, uint5, uint6, uint7

    /// The corresponding ``DType``, or nil if there is none.
    var dtype: DType? {
        switch self {
        case .float32: .f32
        case .float64: .f64
        case .float16: .f16
        case .bfloat16: .bf16
        case .uint8: .u8
        case .int8: .i8
        case .int16: .i16
        case .int32: .i32
        case .int64: .i64
        case .bool: .bool
        case .complex64: .c64
        case .uint16: .u16
        case .uint32: .u32
        case .uint64: .u64
        case .float8e5m2: .f8e5m2
        case .float8e4m3: .f8e4m3
        case .float8e5m2fnuz: .f8e5m2fnuz
        case .float8e4m3fnuz: .f8e4m3fnuz
        case .float8e8m0: .f8e8m0
        default: nil
        }
    }

    /// Whether PyTorch allows a tensor of this type to require a gradient.
    var isDifferentiable: Bool {
        switch dtype {
        case .f32, .f64, .f16, .bf16, .c64, .f8e5m2, .f8e4m3, .f8e5m2fnuz, .f8e4m3fnuz, .f8e8m0:
            true
        default: false
        }
    }

    /// The number of bytes that are reversed as a unit when the byte order changes.
    var swappedBytes: Int { self == .complex64 ? 4 : (dtype?.byteCount ?? 1) }

    /// The storage classes that imply an element type, without `torch.`.
    ///
    /// Newer types have no class.
    static let storageClasses: [(name: String, element: ElementType)] = [
        ("DoubleStorage", .float64), ("FloatStorage", .float32), ("HalfStorage", .float16),
        ("LongStorage", .int64), ("IntStorage", .int32), ("ShortStorage", .int16),
        ("CharStorage", .int8), ("ByteStorage", .uint8), ("BoolStorage", .bool),
        ("BFloat16Storage", .bfloat16), ("ComplexDoubleStorage", .complex128),
        ("ComplexFloatStorage", .complex64), ("QInt8Storage", .qint8),
        ("QInt32Storage", .qint32), ("QUInt8Storage", .quint8), ("QUInt4x2Storage", .quint4x2),
        ("QUInt2x4Storage", .quint2x4),
    ]
}
