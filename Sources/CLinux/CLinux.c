#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

const int POLICY_O_PATH = O_PATH;
const int POLICY_O_NOATIME = O_NOATIME;

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

#define RETRY(result, call)            \
  do {                                 \
    (result) = (call);                 \
  } while ((result) < 0 && errno == EINTR)

int policy_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = flags;
  how.mode = mode;
  how.resolve = resolve;
  long result;
  RETRY(result, syscall(SYS_openat2, directory, path, &how, sizeof how));
  return result < 0 ? -errno : (int)result;
}

int policy_openat(int directory, const char *path, int flags, uint32_t mode) {
  int result;
  RETRY(result, openat(directory, path, flags, mode));
  return result < 0 ? -errno : result;
}

static int64_t nanoseconds(int64_t seconds, uint32_t fraction) {
  int64_t scaled, sum;
  if (__builtin_mul_overflow(seconds, (int64_t)1000000000, &scaled)) return seconds < 0 ? INT64_MIN : INT64_MAX;
  if (__builtin_add_overflow(scaled, (int64_t)fraction, &sum)) return INT64_MAX;
  return sum;
}

static int64_t clamped(uint64_t value) { return value > INT64_MAX ? INT64_MAX : (int64_t)value; }

static int status_without_statx(int directory, const char *path, struct policy_status *status) {
  struct stat old;
  int result;
  RETRY(result, fstatat(directory, path, &old, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT));
  if (result < 0) return -errno;
  status->device = old.st_dev;
  status->inode = old.st_ino;
  status->size = old.st_size;
  status->blocks = old.st_blocks;
  status->modified_ns = nanoseconds(old.st_mtim.tv_sec, (uint32_t)old.st_mtim.tv_nsec);
  status->changed_ns = nanoseconds(old.st_ctim.tv_sec, (uint32_t)old.st_ctim.tv_nsec);
  status->mode = old.st_mode;
  status->uid = old.st_uid;
  status->gid = old.st_gid;
  status->nlink = old.st_nlink > UINT32_MAX ? UINT32_MAX : (uint32_t)old.st_nlink;
  return 0;
}

static int status_with_flags(int directory, const char *path, int flags, struct policy_status *status) {
  memset(status, 0, sizeof *status);
  struct statx now;
  memset(&now, 0, sizeof now);
  long result;
  RETRY(result, syscall(SYS_statx, directory, path, flags, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, &now));
  if (result < 0) return -errno;
  status->device = makedev(now.stx_dev_major, now.stx_dev_minor);
  status->inode = now.stx_ino;
  status->size = clamped(now.stx_size);
  status->blocks = clamped(now.stx_blocks);
  status->modified_ns = nanoseconds(now.stx_mtime.tv_sec, now.stx_mtime.tv_nsec);
  status->changed_ns = nanoseconds(now.stx_ctime.tv_sec, now.stx_ctime.tv_nsec);
  status->mode = now.stx_mode;
  status->uid = now.stx_uid;
  status->gid = now.stx_gid;
  status->nlink = now.stx_nlink;
  if (now.stx_mask & STATX_BTIME) {
    status->born_ns = nanoseconds(now.stx_btime.tv_sec, now.stx_btime.tv_nsec);
    status->has_born = 1;
  }
  if (now.stx_mask & STATX_MNT_ID) {
    status->mount_id = now.stx_mnt_id;
    status->has_mount_id = 1;
  }
  if (now.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) {
    status->knows_mount_root = 1;
    status->is_mount_root = (now.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  }
  return 0;
}

int policy_status_at(int directory, const char *path, struct policy_status *status) {
  int result = status_with_flags(directory, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT, status);
  if (result == -ENOSYS || result == -EPERM) return status_without_statx(directory, path, status);
  return result;
}

int policy_target_status_at(int directory, const char *path, struct policy_status *status) {
  return status_with_flags(directory, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, status);
}

int policy_renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
                     uint32_t flags) {
  long result;
  RETRY(result, syscall(SYS_renameat2, old_directory, old_path, new_directory, new_path, flags));
  return result < 0 ? -errno : (int)result;
}

int64_t policy_getdents64(int directory, void *buffer, size_t size) {
  long result;
  RETRY(result, syscall(SYS_getdents64, directory, buffer, size));
  return result < 0 ? -errno : result;
}

int64_t policy_pread(int file, void *buffer, size_t size, int64_t offset) {
  ssize_t result;
  RETRY(result, pread(file, buffer, size, offset));
  return result < 0 ? -errno : result;
}

int64_t policy_read(int file, void *buffer, size_t size) {
  ssize_t result;
  RETRY(result, read(file, buffer, size));
  return result < 0 ? -errno : result;
}

int policy_begin_writing(int file, int64_t offset, int64_t size) {
  int result;
  RETRY(result, sync_file_range(file, offset, size, SYNC_FILE_RANGE_WRITE));
  return result < 0 ? -errno : 0;
}

int policy_close(int file) { return close(file) < 0 ? -errno : 0; }

int64_t policy_readlinkat(int directory, const char *path, void *buffer, size_t size) {
  ssize_t result;
  RETRY(result, readlinkat(directory, path, buffer, size));
  return result < 0 ? -errno : result;
}

void policy_error_text(int error, char *buffer, size_t size) {
  if (size == 0) return;
  const char *text = strerror_r(error, buffer, size);
  if (text != buffer) {
    strncpy(buffer, text, size - 1);
    buffer[size - 1] = 0;
  }
}

int64_t policy_file_system_magic(int file) {
  struct statfs system;
  int result;
  RETRY(result, fstatfs(file, &system));
  return result < 0 ? -errno : (int64_t)(uint32_t)system.f_type;
}

int policy_is_flocked(int file) {
  int result;
  /* A holder that is gone a moment later was another process that asked the same question. */
  for (int attempt = 0; attempt < 4; attempt++) {
    if (attempt > 0) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    RETRY(result, flock(file, LOCK_EX | LOCK_NB));
    if (result == 0 || errno != EWOULDBLOCK) break;
  }
  if (result < 0 && errno == EWOULDBLOCK) return 1;
  if (result < 0) {
    /* NFS locks exclusively only what is open for writing, which no directory is. */
    RETRY(result, flock(file, LOCK_SH | LOCK_NB));
    if (result < 0) return errno == EWOULDBLOCK ? 1 : -errno;
  }
  flock(file, LOCK_UN);
  return 0;
}
