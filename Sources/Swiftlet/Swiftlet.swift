// One import for every library of the package.
@_exported import SwiftletBytes
@_exported import SwiftletCheckpoint
@_exported import SwiftletCompute
@_exported import SwiftletGGUF
@_exported import SwiftletHDF5
@_exported import SwiftletHDF5Library
@_exported import SwiftletLM
@_exported import SwiftletReports
@_exported import SwiftletSafetensors
@_exported import SwiftletSentencePiece
@_exported import SwiftletTasks
@_exported import SwiftletText
@_exported import SwiftletTorchArchive
@_exported import SwiftletTuning
@_exported import SwiftletWeakToStrong
