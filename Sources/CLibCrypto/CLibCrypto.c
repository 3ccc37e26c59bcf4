#include "CLibCrypto.h"

/* The library that the headers belong to: its name changes with its interface. */
#define TEXT(name) #name
#define EXPANDED(name) TEXT(name)
#if defined(OPENSSL_SHLIB_VERSION)
#define LIBRARY "libcrypto.so." EXPANDED(OPENSSL_SHLIB_VERSION)
#else
#define LIBRARY "libcrypto.so." SHLIB_VERSION_NUMBER
#endif

static const char *const names[] = {CLIBCRYPTO_FUNCTIONS(POLICY_NAME)};
enum { COUNT = sizeof names / sizeof names[0] };
_Static_assert(sizeof(struct clibcrypto) == COUNT * sizeof(void *), "a table has nothing but functions");

const struct clibcrypto *clibcrypto_load(const char **reason) {
  static struct clibcrypto table;
  *reason = policy_load(LIBRARY, names, COUNT, &table);
  return *reason == NULL ? &table : NULL;
}

const EVP_MD *clibcrypto_sha256(const struct clibcrypto *library) {
#if defined(OPENSSL_VERSION_MAJOR) && OPENSSL_VERSION_MAJOR >= 3
  EVP_MD *fetched = library->EVP_MD_fetch(NULL, "SHA256", NULL);
  if (fetched != NULL) return fetched;
#endif
  return library->EVP_sha256();
}
