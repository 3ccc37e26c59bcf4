#include <openssl/evp.h>

/* An explicit fetch costs a lookup once instead of at every digest (OpenSSL 3); before that there was nothing to fetch. */
static inline const EVP_MD *clibcrypto_sha256(void) {
#if defined(OPENSSL_VERSION_MAJOR) && OPENSSL_VERSION_MAJOR >= 3
  EVP_MD *fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
  return fetched != NULL ? fetched : EVP_sha256();
#else
  return EVP_sha256();
#endif
}
