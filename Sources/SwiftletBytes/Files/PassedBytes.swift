/// Lets go of a view's pages as they are passed, so that reading a large file once from front to
/// back keeps the resident size small.
///
/// Pages go in strides of several megabytes: the system maps files in units of up to two, and
/// would map a unit anew each time that a part of it went.
public struct PassedBytes {
    private static let stride = 1 << 23

    private let view: ByteView
    private var released = 0

    /// Prepares to read `view` from front to back.
    public init(_ view: ByteView) {
        self.view = view
        view.advise(.sequential)
    }

    /// Says that the bytes before `offset` have been read.
    public mutating func pass(_ offset: Int) {
        guard offset - released >= Self.stride || offset == view.count else { return }
        view[released..<offset].advise(.done)
        released = offset
    }
}
