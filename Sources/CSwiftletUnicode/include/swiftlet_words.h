// The two loops over words in which encoding spends its time. WordCache.swift describes the slots and
// sets of the table.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// A word found in a text, before it is looked up.
typedef struct {
    uint64_t low, high;   // its key
    const uint8_t *word;  // its first byte
    uint32_t set;         // the offset of its set; SWIFTLET_NO_SET if the word is longer than a key
    uint32_t length;
} swiftlet_found_word;

enum { SWIFTLET_LONGEST_KEY = 15 };
static const uint32_t SWIFTLET_NO_SET = UINT32_MAX;

static const uint8_t swiftlet_key_mask[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                              255, 255, 255, 255, 255, 255, 255, 255};

static inline uint64_t swiftlet_load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

// Prefetches the cache line at `address`, which need not be readable.
static inline void swiftlet_prefetch(const void *address) { __builtin_prefetch(address); }

// Sets `found` to the word of `length` bytes, at least one, at `word`, where sixteen are readable, and
// prefetches its set, one of 1 << `set_bits` sets of 64 bytes each.
static inline void swiftlet_find_word(const uint8_t *word, size_t length,
                                      swiftlet_found_word *found, const uint8_t *table,
                                      unsigned set_bits) {
    size_t in_key = length < SWIFTLET_LONGEST_KEY ? length : SWIFTLET_LONGEST_KEY;
    uint64_t low = swiftlet_load64(word) & swiftlet_load64(swiftlet_key_mask + 16 - in_key);
    uint64_t high = swiftlet_load64(word + 8) & swiftlet_load64(swiftlet_key_mask + 24 - in_key);
    high |= (uint64_t)in_key << 56;
    uint64_t mixed = (low ^ high * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
    uint32_t set = (uint32_t)(mixed >> (64 - set_bits)) * 64;
    __builtin_prefetch(table + set);
    found->low = low;
    found->high = high;
    found->word = word;
    found->set = length <= SWIFTLET_LONGEST_KEY ? set : SWIFTLET_NO_SET;
    found->length = (uint32_t)length;
}

// Sets `found` to the words that end where bits are set in `ends`, the first of which begins at `text`,
// and returns their number.
static inline size_t swiftlet_find_words(const uint8_t *text, uint64_t ends,
                                         swiftlet_found_word *found, const uint8_t *table,
                                         unsigned set_bits) {
    size_t count = 0, from = 0;
    while (ends) {
        size_t to = (size_t)__builtin_ctzll(ends);
        ends &= ends - 1;
        swiftlet_find_word(text + from, to - from, found + count++, table, set_bits);
        from = to;
    }
    return count;
}

// Appends the ids of words from `index` on to `ids`, whose first `*used` elements are in use, up to the
// first word that the table does not have; returns its index, or `count`. Four ids are written for each
// word, so there must be room for three per word and one more.
static inline size_t swiftlet_append_words(const swiftlet_found_word *found, size_t index,
                                           size_t count, const uint8_t *table, int32_t *ids,
                                           size_t *used) {
    size_t next = *used;
    for (; index < count; index++) {
        const swiftlet_found_word *word = found + index;
        if (word->set == SWIFTLET_NO_SET) break;
        const uint8_t *set = table + word->set;
        uint64_t slots[8];
        memcpy(slots, set, 16);
        memcpy(slots + 4, set + 32, 16);
        // Which of the two slots has the word is unpredictable, so it is computed without a branch.
        uint64_t first = (slots[0] ^ word->low) | (slots[1] ^ word->high);
        uint64_t second = (slots[4] ^ word->low) | (slots[5] ^ word->high);
        size_t is_second = second == 0;
        if (((size_t)(first == 0) | is_second) == 0) break;
        const uint8_t *slot = set + 32 * is_second;
        memcpy(ids + next, slot + 16, 16);
        int32_t added;
        memcpy(&added, slot + 28, 4);
        next += (size_t)added;
    }
    *used = next;
    return index;
}
