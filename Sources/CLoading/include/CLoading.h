/* Libraries that few commands need are loaded by those alone: each library that a program is linked against costs every
   start of it, used or not. */
#ifndef POLICY_CLOADING_H
#define POLICY_CLOADING_H

#include <stddef.h>

/* A list of functions is written once, as `#define LIST(each) each(name) each(name) ...`, and makes the fields of a
   table and their names. The types are those of the library's own header, so that the compiler checks every call. */
#define POLICY_FIELD(name) __typeof__(name) *_Nonnull name;
#define POLICY_NAME(name) #name,

/* Fills a table that consists of nothing but pointers to functions, in the order of `names`. Returns NULL, or what is
   missing, in the words of the dynamic linker; the text stays valid. A library that was found stays loaded. */
const char *_Nullable policy_load(const char *_Nonnull library, const char *_Nonnull const *_Nonnull names,
                                  size_t count, void *_Nonnull table);

#endif
