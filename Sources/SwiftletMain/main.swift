import SwiftletCommand

SwiftletTool.start()
