#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define RETRY(result, call) do { result = (call); } while (result < 0 && errno == EINTR)

int policy_reserve(int file, int64_t size) {
  int result;
  RETRY(result, fallocate(file, FALLOC_FL_KEEP_SIZE, 0, size));
  return result < 0 ? -errno : result;
}

int policy_syncfs(int file) { return syncfs(file) < 0 ? -errno : 0; }

void policy_unlock(int file) { (void)flock(file, LOCK_UN); }

int policy_flock_exclusive(int file) {
  int result;
  RETRY(result, flock(file, LOCK_EX | LOCK_NB));
  return result < 0 ? -errno : 0;
}
