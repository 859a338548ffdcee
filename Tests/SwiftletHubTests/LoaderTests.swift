import CSwiftletLoader
import SwiftletBytes
import Synchronization
import Testing

/// Opening libraries by name, with libcrypto as the example.
struct LoaderTests {
    /// Loads libcrypto with one symbol.
    ///
    /// - Returns: the reason if it cannot be used, and whether the symbol was found.
    private func load(
        _ name: String, or otherName: String? = nil, isOptional: Bool = false
    ) -> (failure: String?, isFound: Bool) {
        var address: UnsafeRawPointer?
        var failure = swiftlet_load_failure()
        let isLoaded = name.withCString { name in
            (otherName ?? "").withCString { otherNameOrEmpty in
                withUnsafeMutablePointer(to: &address) { place in
                    var symbol = swiftlet_symbol(
                        name: name, other_name: otherName == nil ? nil : otherNameOrEmpty,
                        place: place, is_optional: isOptional)
                    return withUnsafePointer(to: &symbol) { symbol in
                        var library = swiftlet_library(
                            name: SWIFTLET_LIBCRYPTO, symbols: symbol, symbol_count: 1, start: nil,
                            is_loaded: false)
                        return swiftlet_library_load(&library, &failure)
                    }
                }
            }
        }
        let reason = String(cString: swiftlet_load_failure_text(&failure))
        return (isLoaded ? nil : reason, address != nil)
    }

    @Test("a symbol is found by its name, or by the name in other releases")
    func symbols() {
        #expect(load("EVP_sha256") == (nil, true))
        #expect(load("swiftlet_none", or: "EVP_sha256") == (nil, true))
        #expect(load("swiftlet_none", isOptional: true) == (nil, false))
    }

    @Test("a library that lacks a symbol is refused by name")
    func missingSymbol() throws {
        let failure = try #require(load("swiftlet_none").failure)
        #expect(failure.hasPrefix("libcrypto"))
        #expect(failure.hasSuffix(" lacks swiftlet_none"))
    }

    private static let starts = Atomic(0)

    @Test("many threads start a library once")
    func once() {
        final class Shared: @unchecked Sendable {
            let library = UnsafeMutablePointer<swiftlet_library>.allocate(capacity: 1)
            deinit { library.deallocate() }
        }
        let shared = Shared()
        shared.library.initialize(
            to: swiftlet_library(
                name: SWIFTLET_LIBCRYPTO, symbols: nil, symbol_count: 0,
                start: { _ in
                    LoaderTests.starts.add(1, ordering: .relaxed)
                    return true
                }, is_loaded: false))
        let loaded = Atomic(0)
        ThreadTeam.run(8) {
            var failure = swiftlet_load_failure()
            if swiftlet_library_load(shared.library, &failure) { loaded.add(1, ordering: .relaxed) }
        }
        #expect(loaded.load(ordering: .relaxed) == 8)
        #expect(Self.starts.load(ordering: .relaxed) == 1)
    }

    @Test("a start that fails is tried again by the next load")
    func failedStart() {
        var library = swiftlet_library(
            name: SWIFTLET_LIBCRYPTO, symbols: nil, symbol_count: 0,
            start: { failure in
                // The only function of the loader for this is variadic, which Swift cannot call.
                failure?.pointee.text.0 = CChar(UInt8(ascii: "x"))
                failure?.pointee.text.1 = 0
                return false
            }, is_loaded: false)
        var failure = swiftlet_load_failure()
        #expect(!swiftlet_library_load(&library, &failure))
        #expect(String(cString: swiftlet_load_failure_text(&failure)) == "x")
        library.start = nil
        #expect(swiftlet_library_load(&library, &failure))
    }
}
