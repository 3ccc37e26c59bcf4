#include "CLibArchive.h"

/* The name of its interface in all of libarchive 3; another one would have another name, and other types. */
#define LIBRARY "libarchive.so.13"
_Static_assert(ARCHIVE_VERSION_NUMBER / 1000000 == 3, "these are not the headers of " LIBRARY);

static const char *const names[] = {CLIBARCHIVE_FUNCTIONS(POLICY_NAME)};
enum { COUNT = sizeof names / sizeof names[0] };
_Static_assert(sizeof(struct clibarchive) == COUNT * sizeof(void *), "a table has nothing but functions");

const struct clibarchive *clibarchive_load(const char **reason) {
  static struct clibarchive table;
  *reason = policy_load(LIBRARY, names, COUNT, &table);
  return *reason == NULL ? &table : NULL;
}
