import CSwiftletSystem
import SwiftletLibc

/// The machine's memory, and the operating system's calls on memory.
public enum SystemMemory {
    /// The size of physical memory in bytes.
    public static var physical: Int {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let (bytes, overflow) = pages.multipliedReportingOverflow(by: pageSize)
        return pages > 0 && pageSize > 0 && !overflow ? bytes : .max
    }

    /// The size of a page in bytes.
    package static var pageSize: Int { Int(sysconf(Int32(_SC_PAGESIZE))) }

    /// Maps zeros that no file backs.
    ///
    /// Pages take no memory until they are touched.
    ///
    /// - Parameters:
    ///   - count: the number of bytes, at least one.
    ///   - isReserved: whether the system may refuse because the memory is promised elsewhere;
    ///     otherwise only addresses are counted.
    /// - Returns: the memory; nil if the system refuses.
    @unsafe
    package static func map(_ count: Int, isReserved: Bool = true) -> UnsafeMutableRawPointer? {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | (isReserved ? 0 : MAP_NORESERVE)
        let start = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0)
        return unsafe start == MAP_FAILED ? nil : start
    }

    /// Removes a map.
    @unsafe
    package static func unmap(_ start: UnsafeMutableRawPointer, _ count: Int) {
        _ = unsafe munmap(start, count)
    }

    /// Asks for large pages in memory that is read or written at random, where the system has them.
    @unsafe
    package static func preferHugePages(_ start: UnsafeMutableRawPointer, _ count: Int) {
        unsafe swiftlet_prefer_huge_pages(start, count)
    }

    /// Tells the system how pages will be used.
    @unsafe
    static func advise(
        _ access: MappedFile.Access, _ start: UnsafeMutableRawPointer, _ count: Int
    ) {
        let advice =
            switch access {
            case .sequential: MADV_SEQUENTIAL
            case .willNeed: MADV_WILLNEED
            case .done: MADV_DONTNEED
            }
        _ = unsafe madvise(start, count, advice)
    }
}

/// The memory of this process.
public struct ProcessMemory: Sendable, Equatable {
    /// The largest number of bytes that were resident at once, including pages of mapped files.
    public let peakResident: Int
    /// The bytes that are resident now and not part of a file; nil if the system does not report it.
    public let anonymous: Int?

    /// The present values.
    public static var current: ProcessMemory {
        let memory = swiftlet_current_memory()
        return ProcessMemory(
            peakResident: max(Int(memory.peak_resident), 0),
            anonymous: memory.anonymous < 0 ? nil : Int(memory.anonymous))
    }
}
