/* What the Glibc module of Swift lacks: openat2, statx, renameat2, getdents64. Thin: every function returns what the
   system call returns, or -errno. */
#ifndef POLICY_CLINUX_H
#define POLICY_CLINUX_H
int policy_linux_shim_version(void);
#endif
