/* Where certain bytes stand among 64: what Swift's vectors cannot say in one instruction a block, a mask of bits. */
#ifndef POLICY_BYTE_MARKS_H
#define POLICY_BYTE_MARKS_H

#include <stdint.h>
#include <string.h>

typedef uint8_t policy_block __attribute__((vector_size(16)));
typedef _Bool policy_lanes __attribute__((ext_vector_type(16)));

static inline uint64_t policy_lane_bits(policy_block found) {
  policy_lanes lanes = __builtin_convertvector(found, policy_lanes);
  uint16_t bits;
  memcpy(&bits, &lanes, sizeof bits);
  return bits;
}

/* Bit k of a mask is set where byte k of the 64 is what the mask is named for. */
struct policy_marks {
  uint64_t cell_ends; /* commas and line feeds */
  uint64_t line_feeds;
  uint64_t nuls; /* none where it is 0; which bytes they are it does not tell */
};

static inline struct policy_marks policy_find_marks(const void *bytes) {
  struct policy_marks marks = {0, 0, 0};
  policy_block nuls = {0};
  for (int place = 0; place < 64; place += 16) {
    policy_block block;
    memcpy(&block, (const uint8_t *)bytes + place, sizeof block);
    policy_block feeds = (policy_block)(block == '\n');
    marks.line_feeds |= policy_lane_bits(feeds) << place;
    marks.cell_ends |= policy_lane_bits((policy_block)(block == ',') | feeds) << place;
    nuls |= (policy_block)(block == 0);
  }
  marks.nuls = policy_lane_bits(nuls);
  return marks;
}

#endif
