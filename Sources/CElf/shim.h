// What the names of symbols and their lines in the source are read with: libelf and libdw of elfutils, and the two
// demanglers that are linked anyway.
// Only ProcFS imports this module.
#pragma once
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <libelf.h>
#include <stddef.h>
#include <stdint.h>

// Of the C++ runtime (Itanium C++ ABI, section 3.4).  Returns a string to be freed, or NULL with `*status`
// other than 0 for a name that is no mangled one.
char *__cxa_demangle(const char *name, char *buffer, size_t *length, int *status);

// Of the Swift runtime (include/swift/Demangling/Demangle.h).  Returns a string to be freed, or NULL for a
// name that is no mangled one.  No flags are defined.
char *swift_demangle(const char *name, size_t name_length, char *buffer, size_t *length, uint32_t flags);
