/* Names every function of the libraries that the program loads only when it needs them, so that dpkg-shlibdeps sees
   which packages they come from and how new those must be. Never run. */
#include "CLibArchive.h"
#include "CLibCrypto.h"

#define ADDRESS(name) (const void *)&name,

const void *const policy_loaded[] = {CLIBARCHIVE_FUNCTIONS(ADDRESS) CLIBCRYPTO_FUNCTIONS(ADDRESS)};
