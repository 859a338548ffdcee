import CSwiftletKernels
import Testing

extension KernelTests {
    @Suite struct Dispatch {
        @Test func theBestLevelIsUsedUnlessAnotherIsForced() async {
            await #expect(processExitsWith: .success) {
                let best = swiftlet_best_level()
                #expect(swiftlet_level_in_use() == best)
                #expect(swiftlet_force_level(SWIFTLET_LEVEL_PORTABLE) == SWIFTLET_LEVEL_PORTABLE)
                #expect(swiftlet_level_in_use() == SWIFTLET_LEVEL_PORTABLE)
                #expect(swiftlet_force_level(SWIFTLET_LEVEL_AVX512_BF16) == best)
                #expect(swiftlet_level_in_use() == best)
            }
        }
    }
}
