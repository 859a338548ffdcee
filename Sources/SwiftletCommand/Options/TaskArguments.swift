import ArgumentParser
import SwiftletTasks

extension TaskKind: ExpressibleByArgument {}
extension SlotPrompt: ExpressibleByArgument {}
