/* Where the cells of a comma-separated text end: what Swift's vectors cannot say in one instruction a block. */
#ifndef POLICY_BYTE_MARKS_H
#define POLICY_BYTE_MARKS_H

#include <stddef.h>
#include <stdint.h>

/* How wide the vectors are that a processor compares in one instruction: 16 bytes every one, the others if they can. */
enum policy_width { POLICY_16 = 0, POLICY_32 = 1, POLICY_64 = 2 };

/* The widest of them for which this processor has all instructions that are used. */
enum policy_width policy_widest(void);

struct policy_cells {
  size_t count;
  size_t line_feeds;
  int holds_nul;
  int is_full; /* there were more than room for them: then nothing else here means anything */
};

/* Writes the places of all commas and line feeds in text[start..<end], in order, to places, which has room for `room` of
   them and 64 more. All widths find the same; one that the processor does not have must not be asked for. */
struct policy_cells policy_find_cells(
  enum policy_width width, const uint8_t *text, size_t start, size_t end, uint32_t *places, size_t room);

#endif
