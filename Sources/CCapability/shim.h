// libcap, by which a process gives up what it may do.  Only the command line imports this module.
#pragma once
#include <sys/capability.h>
#include <sys/prctl.h>

// prctl(2) takes any number of arguments, which Swift cannot call.
static inline int gain_no_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
