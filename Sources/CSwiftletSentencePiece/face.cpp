#include "swiftlet_sentencepiece.h"

#include <sentencepiece_processor.h>

#include <cstring>
#include <exception>
#include <memory>
#include <string_view>

struct swiftlet_sentencepiece {
    sentencepiece::SentencePieceProcessor processor;
};

namespace {

void report(const char *reason, char *message, size_t capacity) noexcept {
    if (capacity == 0) return;
    size_t length = std::strlen(reason);
    if (length >= capacity) length = capacity - 1;
    std::memcpy(message, reason, length);
    message[length] = 0;
}

// A byte piece, which is spelled <0xNN>, covers one byte of the text.
size_t length(const sentencepiece::SentencePieceProcessor &processor, int id, size_t spelled) {
    return processor.IsByte(id) ? 1 : spelled;
}

}  // namespace

swiftlet_sentencepiece *swiftlet_sentencepiece_open(const uint8_t *bytes, size_t count, char *message,
                                                    size_t capacity) {
    try {
        auto model = std::make_unique<swiftlet_sentencepiece>();
        const auto status = model->processor.LoadFromSerializedProto(
            std::string_view(reinterpret_cast<const char *>(bytes), count));
        if (status.ok()) return model.release();
        report(status.error_message(), message, capacity);
    } catch (const std::exception &error) {
        report(error.what(), message, capacity);
    } catch (...) {
        report("an unknown exception", message, capacity);
    }
    return nullptr;
}

void swiftlet_sentencepiece_close(swiftlet_sentencepiece *model) { delete model; }

int swiftlet_sentencepiece_encode(const swiftlet_sentencepiece *model, const uint8_t *text,
                                  size_t count, void *context,
                                  void (*body)(void *context, int32_t id, size_t length)) {
    try {
        sentencepiece::ImmutableSentencePieceText pieces;
        const auto status = model->processor.Encode(
            std::string_view(reinterpret_cast<const char *>(text), count), pieces.mutable_proto());
        if (!status.ok()) return -1;
        // The list is complete before the first call, so that no call was made if memory runs out.
        const auto list = pieces.pieces();
        for (const auto &piece : list) {
            const auto id = static_cast<int32_t>(piece.id());
            body(context, id, length(model->processor, id, piece.piece().size()));
        }
        return 0;
    } catch (...) {
        return -1;
    }
}
