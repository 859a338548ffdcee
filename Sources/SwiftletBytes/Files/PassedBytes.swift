/// Releases the pages of a view once they have been read, so that reading a large file from front to
/// back keeps the resident size small.
///
/// Pages are released in strides of several megabytes. The system maps files in units of up to two
/// megabytes, and would map a unit again each time that a part of it was released.
public struct PassedBytes {
    private static let stride = 1 << 23

    private let view: ByteView
    private var released = 0

    /// Prepares to read `view` from front to back.
    public init(_ view: ByteView) {
        self.view = view
        view.advise(.sequential)
    }

    /// Records that the bytes before `offset` have been read.
    public mutating func pass(_ offset: Int) {
        guard offset - released >= Self.stride || offset == view.count else { return }
        view[released..<offset].advise(.done)
        released = offset
    }
}
