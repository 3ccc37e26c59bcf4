#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

int64_t policy_list_attributes(int file, void *buffer, size_t size) {
  ssize_t result = flistxattr(file, buffer, size);
  return result < 0 ? -errno : result;
}

int64_t policy_attribute(int file, const char *name, void *buffer, size_t size) {
  ssize_t result = fgetxattr(file, name, buffer, size);
  return result < 0 ? -errno : result;
}

int policy_set_attribute(int file, const char *name, const void *value, size_t size) {
  return fsetxattr(file, name, value, size, 0) < 0 ? -errno : 0;
}

int64_t policy_next_data(int file, int64_t offset) {
  off_t result = lseek(file, offset, SEEK_DATA);
  return result < 0 ? -errno : result;
}

int64_t policy_next_hole(int file, int64_t offset) {
  off_t result = lseek(file, offset, SEEK_HOLE);
  return result < 0 ? -errno : result;
}

int policy_forget_pages(int file) { return -posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED); }

int policy_set_modified(int directory, const char *path, int64_t nanoseconds) {
  int64_t seconds = nanoseconds / 1000000000, rest = nanoseconds % 1000000000;
  if (rest < 0) {
    rest += 1000000000;
    seconds -= 1;
  }
  struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = rest}};
  return utimensat(directory, path, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}
