// All libraries with one import.
@_exported import SwiftletBytes
@_exported import SwiftletCheckpoint
@_exported import SwiftletCompute
@_exported import SwiftletHDF5
@_exported import SwiftletLM
@_exported import SwiftletReports
@_exported import SwiftletSafetensors
@_exported import SwiftletSentencePiece
@_exported import SwiftletText
@_exported import SwiftletTorchArchive
@_exported import SwiftletTuning
