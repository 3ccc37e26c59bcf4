#include "CLinux.h"
int policy_linux_shim_version(void) { return 1; }
