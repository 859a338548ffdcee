// Reads the strings of a vocabulary in JSON in the form that nearly all have.
#pragma once
#include "swiftlet_ascii.h"

enum { SWIFTLET_PLAIN_WIDTH = 16, SWIFTLET_ALPHABET_END = 0x180 };

// The offset of the first of `count` bytes that is not white space in JSON; `count` if there is none.
static inline size_t swiftlet_json_space(const uint8_t *bytes, size_t count) {
    size_t index = 0;
    if (count && bytes[0] > ' ') return 0;
    while (count - index >= 16) {
        swiftlet_bytes16 part;
        __builtin_memcpy(&part, bytes + index, 16);
        uint64_t space = swiftlet_lane_bits((part == ' ') | (part == '\n') | (part == '\r') |
                                            (part == '\t'));
        if (space != 0xFFFF) return index + (size_t)__builtin_ctzll(~space);
        index += 16;
    }
    while (index < count && (bytes[index] == ' ' || bytes[index] == '\n' || bytes[index] == '\r' ||
                             bytes[index] == '\t'))
        index++;
    return index;
}

// The byte in `alphabet` of the character whose four hexadecimal digits are at `digits`; -1 if there is
// none.
static inline int16_t swiftlet_json_escape(const uint8_t *digits, const int16_t *alphabet) {
    uint32_t code = 0;
    for (int index = 0; index < 4; index++) {
        uint8_t digit = digits[index], letter = digit | 0x20;
        if (digit >= '0' && digit <= '9') code = code << 4 | (uint32_t)(digit - '0');
        else if (letter >= 'a' && letter <= 'f') code = code << 4 | (uint32_t)(letter - 'a' + 10);
        else return -1;
    }
    return code < SWIFTLET_ALPHABET_END ? alphabet[code] : -1;
}

// Writes what the characters of a string stand for to `text`, up to the first that is not plain, and
// returns the number of bytes read, of at most `count`.
//
// Plain are 21 to 7E except quotes and backslashes; escaped quotes and backslashes; and with an
// `alphabet`, which has SWIFTLET_ALPHABET_END code points, all characters that have a byte in it, escaped
// or not.
//
// `*written` is the number of bytes written; reading stops when it reaches `room`. Up to
// SWIFTLET_PLAIN_WIDTH bytes after those may be overwritten.
static inline size_t swiftlet_json_plain(const uint8_t *bytes, size_t count, const int16_t *alphabet,
                                         uint8_t *text, size_t room, size_t *written) {
    size_t from = 0, to = 0;
    while (to < room && from < count) {
        uint8_t byte = bytes[from];
        if (alphabet && byte >= 0xC2 && byte < 0xC6 && count - from > 1) {
            uint8_t next = bytes[from + 1];
            if ((next & 0xC0) != 0x80) break;
            int16_t value = alphabet[(size_t)(byte & 0x1F) << 6 | (next & 0x3F)];
            if (value < 0) break;
            text[to++] = (uint8_t)value;
            from += 2;
        } else if (alphabet && byte == '\\' && count - from > 5 && bytes[from + 1] == 'u') {
            int16_t value = swiftlet_json_escape(bytes + from + 2, alphabet);
            if (value < 0) break;
            text[to++] = (uint8_t)value;
            from += 6;
        } else if (byte == '\\') {
            if (count - from < 2 || (bytes[from + 1] != '"' && bytes[from + 1] != '\\')) break;
            text[to++] = bytes[from + 1];
            from += 2;
        } else if (byte <= ' ' || byte >= 0x7F || byte == '"') {
            break;
        } else if (count - from < SWIFTLET_PLAIN_WIDTH) {
            text[to++] = byte;
            from++;
        } else {
            swiftlet_bytes16 part;
            __builtin_memcpy(&part, bytes + from, 16);
            __builtin_memcpy(text + to, &part, 16);
            uint64_t ends = swiftlet_lane_bits((part - 0x21 > 0x7E - 0x21) | (part == '"') |
                                               (part == '\\'));
            size_t plain = ends ? (size_t)__builtin_ctzll(ends) : SWIFTLET_PLAIN_WIDTH;
            from += plain;
            to += plain;
        }
    }
    *written = to;
    return from;
}
