#include "CLoading.h"

#include <dlfcn.h>
#include <string.h>

_Static_assert(sizeof(void (*)(void)) == sizeof(void *), "dlsym gives functions as pointers to data");

/* What `dlerror` says is gone with its next call. */
static const char *reason(void) {
  const char *words = dlerror();
  char *copy = words != NULL ? strdup(words) : NULL;
  return copy != NULL ? copy : "no reason given";
}

const char *policy_load(const char *library, const char *const *names, size_t count, void *table) {
  /* Searched for as if the program were linked against it. Local: its symbols are nobody else's. */
  void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
  if (handle == NULL) return reason();
  for (size_t i = 0; i < count; i++) {
    void *function = dlsym(handle, names[i]);
    if (function == NULL) return reason();
    memcpy((char *)table + i * sizeof function, &function, sizeof function);
  }
  return NULL;
}
