/* The system's libcrypto, loaded by those who compute a digest. */
#ifndef POLICY_CLIBCRYPTO_H
#define POLICY_CLIBCRYPTO_H

#if !__has_include(<openssl/evp.h>)
#error "<openssl/evp.h> is missing: scripts/setup installs it (Debian and Ubuntu: apt-get install libssl-dev)"
#endif
#include <openssl/evp.h>
#include <openssl/opensslv.h>

#include "CLoading.h"

/* An explicit fetch costs a lookup once instead of at every digest; before OpenSSL 3 there was nothing to fetch. */
#if defined(OPENSSL_VERSION_MAJOR) && OPENSSL_VERSION_MAJOR >= 3
#define CLIBCRYPTO_FETCH(each) each(EVP_MD_fetch)
#else
#define CLIBCRYPTO_FETCH(each)
#endif

#define CLIBCRYPTO_FUNCTIONS(each) \
  each(EVP_DigestFinal_ex) \
  each(EVP_DigestInit_ex) \
  each(EVP_DigestUpdate) \
  each(EVP_MD_CTX_free) \
  each(EVP_MD_CTX_new) \
  each(EVP_sha256) \
  CLIBCRYPTO_FETCH(each)

struct clibcrypto {
  CLIBCRYPTO_FUNCTIONS(POLICY_FIELD)
};

/* The functions; NULL where one is not there, with the reason in the words of the dynamic linker. */
const struct clibcrypto *_Nullable clibcrypto_load(const char *_Nullable *_Nonnull reason);

const EVP_MD *_Nullable clibcrypto_sha256(const struct clibcrypto *_Nonnull library);

#endif
