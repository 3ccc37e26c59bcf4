#include "byte_marks.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef uint8_t block16 __attribute__((vector_size(16)));
typedef uint8_t block32 __attribute__((vector_size(32)));
typedef uint8_t block64 __attribute__((vector_size(64)));
typedef _Bool lanes16 __attribute__((ext_vector_type(16)));
typedef _Bool lanes32 __attribute__((ext_vector_type(32)));
typedef _Bool lanes64 __attribute__((ext_vector_type(64)));

/* Bit k of a mask is set where byte k of the 64 is what the mask is named for. */
struct marks {
  uint64_t cell_ends;
  uint64_t line_feeds;
  uint64_t nuls;
};

#define ALWAYS static inline __attribute__((always_inline))

/* The lanes of a comparison as bits. No function, because vectors that wide are passed otherwise where the processor has none. */
#define BITS(width, word, found)                                                    \
  ({                                                                                \
    lanes##width lanes = __builtin_convertvector((block##width)(found), lanes##width); \
    word bits;                                                                      \
    memcpy(&bits, &lanes, sizeof bits);                                             \
    (uint64_t)bits;                                                                 \
  })

#define MARKS(width, word)                                                          \
  ALWAYS struct marks marks##width(const uint8_t *bytes) {                          \
    struct marks marks = {0, 0, 0};                                                 \
    for (int place = 0; place < 64; place += width) {                               \
      block##width block;                                                           \
      memcpy(&block, bytes + place, sizeof block);                                  \
      uint64_t feeds = BITS(width, word, block == '\n');                            \
      marks.line_feeds |= feeds << place;                                           \
      marks.cell_ends |= (BITS(width, word, block == ',') | feeds) << place;        \
      marks.nuls |= BITS(width, word, block == 0) << place;                         \
    }                                                                               \
    return marks;                                                                   \
  }

MARKS(16, uint16_t)
#if defined(__x86_64__)
MARKS(32, uint32_t)
MARKS(64, uint64_t)
#endif

/* More places are written than there are marks; as many of them count. */
ALWAYS uint32_t *put(uint64_t marks, size_t start, uint32_t *next) {
  uint32_t *end = next + __builtin_popcountll(marks);
  /* Nearly all blocks of metric files hold fewer than twelve: no branch that is hard to foresee. Without a bit left the
     place is a wrong one, and is written over or not counted. */
  for (int place = 0; place < 12; place++) {
    next[place] = (uint32_t)start + (uint32_t)__builtin_ctzll(marks | (uint64_t)1 << 63);
    marks &= marks - 1;
  }
  for (uint32_t *more = next + 12; marks != 0; more++) {
    *more = (uint32_t)start + (uint32_t)__builtin_ctzll(marks);
    marks &= marks - 1;
  }
  return end;
}

#if defined(__x86_64__)
#define WIDEST __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))

/* The same with the instruction that packs chosen bytes. */
WIDEST static inline uint32_t *put64(uint64_t marks, size_t start, uint32_t *next) {
  static const uint8_t numbers[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                      22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
                                      44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  const __m512i base = _mm512_set1_epi32((int)(uint32_t)start);
  const __m512i packed = _mm512_maskz_compress_epi8(marks, _mm512_loadu_si512(numbers));
  const int count = __builtin_popcountll(marks);
  _mm512_storeu_si512(next, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
  if (count > 16) {
    uint8_t bytes[64];
    _mm512_storeu_si512(bytes, packed);
    for (int place = 16; place < count; place++) next[place] = (uint32_t)start + bytes[place];
  }
  return next + count;
}
#endif

#define FIND(width, put, target)                                                                                           \
  target static struct policy_cells find##width(                                                                      \
    const uint8_t *text, size_t start, size_t end, uint32_t *places, size_t room) {                                   \
    struct policy_cells cells = {0, 0, 0, 0};                                                                         \
    uint32_t *next = places;                                                                                          \
    uint64_t nuls = 0;                                                                                                \
    size_t index = start;                                                                                             \
    for (; index + 64 <= end; index += 64) {                                                                          \
      if (next > places + room) break;                                                                                \
      struct marks marks = marks##width(text + index);                                                                \
      next = put(marks.cell_ends, index, next);                                                                       \
      cells.line_feeds += (size_t)__builtin_popcountll(marks.line_feeds);                                             \
      nuls |= marks.nuls;                                                                                             \
    }                                                                                                                 \
    if (next > places + room) {                                                                                       \
      cells.is_full = 1;                                                                                              \
      return cells;                                                                                                   \
    }                                                                                                                 \
    for (; index < end; index++) {                                                                                    \
      if (text[index] == '\n' || text[index] == ',') *next++ = (uint32_t)index;                                       \
      if (text[index] == '\n') cells.line_feeds++;                                                                    \
      if (text[index] == 0) nuls = 1;                                                                                 \
    }                                                                                                                 \
    cells.count = (size_t)(next - places);                                                                            \
    cells.holds_nul = nuls != 0;                                                                                      \
    return cells;                                                                                                     \
  }

FIND(16, put, )

#if defined(__x86_64__)
FIND(32, put, __attribute__((target("avx2,bmi,bmi2,popcnt"))))
FIND(64, put64, WIDEST)

enum policy_width policy_widest(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2")
      || !__builtin_cpu_supports("popcnt"))
    return POLICY_16;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("avx512vbmi2")
    ? POLICY_64 : POLICY_32;
}
#else
enum policy_width policy_widest(void) { return POLICY_16; }
#endif

struct policy_cells policy_find_cells(
  enum policy_width width, const uint8_t *text, size_t start, size_t end, uint32_t *places, size_t room) {
#if defined(__x86_64__)
  if (width == POLICY_64) return find64(text, start, end, places, room);
  if (width == POLICY_32) return find32(text, start, end, places, room);
#endif
  (void)width;
  return find16(text, start, end, places, room);
}
