// libsentencepiece speaks C++ alone: its C face is CSwiftletSentencePiece.
#pragma once
#ifdef __cplusplus
#include <sentencepiece_processor.h>
#endif
