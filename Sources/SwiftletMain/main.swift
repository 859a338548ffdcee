import CSwiftletMemory
import SwiftletCommand

swiftlet_memory_link()
SwiftletTool.start()
