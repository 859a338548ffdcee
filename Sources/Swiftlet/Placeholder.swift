@_exported import SwiftletTuning
