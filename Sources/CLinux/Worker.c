#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- starting a worker --- */

int policy_spawn_worker(const char *const *arguments, const char *const *environment, const int *inherited,
                        int count, int32_t *process) {
  /* Copies above the numbers that they will have, so that no copy overwrites a source; all close on exec. */
  int copies[64];
  if (count < 0 || count > 64) return -EINVAL;
  int made = 0, result = 0;
  for (; made < count; made++) {
    copies[made] = fcntl(inherited[made], F_DUPFD_CLOEXEC, 3 + count);
    if (copies[made] < 0) {
      result = -errno;
      break;
    }
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (result == 0) {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < count; i++) posix_spawn_file_actions_adddup2(&actions, copies[i], 3 + i);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t child = 0;
    /* The running program itself, whatever has become of its name. */
    int code = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, (char *const *)arguments,
                           (char *const *)environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    result = code == 0 ? 0 : -code;
    *process = child;
  }
  for (int i = 0; i < made; i++) close(copies[i]);
  return result;
}

int policy_wait(int32_t process) {
  int status = 0;
  pid_t result;
  do result = waitpid(process, &status, 0);
  while (result < 0 && errno == EINTR);
  if (result < 0) return -errno;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void policy_close_from(int first) {
  if (syscall(SYS_close_range, (unsigned)first, ~0U, 0) == 0) return;
  long most = sysconf(_SC_OPEN_MAX);
  for (int file = first; file < (most > 0 && most < 65536 ? (int)most : 65536); file++) close(file);
}

int policy_home(uint32_t uid, char *home, size_t size) {
  char buffer[16384];
  struct passwd entry, *found = NULL;
  if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL) return -ENOENT;
  if (strlen(entry.pw_dir) >= size) return -ERANGE;
  strcpy(home, entry.pw_dir);
  return 0;
}

int policy_pipe(int *ends) { return pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0; }

int policy_user(uint32_t uid, char *name, size_t size, uint32_t *gid, uint32_t *groups, int most) {
  char buffer[16384];
  struct passwd entry, *found = NULL;
  if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL) return -ENOENT;
  if (size > 0) {
    strncpy(name, entry.pw_name, size - 1);
    name[size - 1] = 0;
  }
  *gid = entry.pw_gid;
  gid_t list[1024];
  int count = 1024;
  if (getgrouplist(entry.pw_name, entry.pw_gid, list, &count) < 0) return -ERANGE;
  if (count > most) return -ERANGE;
  for (int i = 0; i < count; i++) groups[i] = list[i];
  return count;
}

/* --- confinement --- */

/* The kernel's interface of Landlock, by number: headers of the system may be older than its kernel. */
struct ruleset_attributes {
  uint64_t handled_access_fs;
};
struct __attribute__((packed)) path_beneath_attributes {
  uint64_t allowed_access;
  int32_t parent_fd;
};
enum {
  LANDLOCK_CREATE_RULESET = 444,
  LANDLOCK_ADD_RULE = 445,
  LANDLOCK_RESTRICT_SELF = 446,
  LANDLOCK_CREATE_RULESET_VERSION = 1,
  LANDLOCK_RULE_PATH_BENEATH = 1,
};
enum {
  ACCESS_EXECUTE = 1 << 0,
  ACCESS_WRITE_FILE = 1 << 1,
  ACCESS_REMOVE_DIR = 1 << 4,
  ACCESS_REMOVE_FILE = 1 << 5,
  ACCESS_MAKE_CHAR = 1 << 6,
  ACCESS_MAKE_DIR = 1 << 7,
  ACCESS_MAKE_REG = 1 << 8,
  ACCESS_MAKE_SOCK = 1 << 9,
  ACCESS_MAKE_FIFO = 1 << 10,
  ACCESS_MAKE_BLOCK = 1 << 11,
  ACCESS_MAKE_SYM = 1 << 12,
  ACCESS_REFER = 1 << 13,
  ACCESS_TRUNCATE = 1 << 14,
};

int policy_landlock_version(void) {
  long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? -errno : (int)version;
}

int policy_confine(const int *directories, int count, int may_make_links, int may_execute) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
  int version = policy_landlock_version();
  /* No such call, switched off, or kept from us by a container. Anything else is a reason not to go on unconfined. */
  if (version == -ENOSYS || version == -EOPNOTSUPP || version == -EPERM) return 0;
  if (version < 0) return version;
  /* Under the first version every rename to another directory is refused: nothing could be trashed. */
  if (version < 2) return 0;
  uint64_t allowed = ACCESS_WRITE_FILE | ACCESS_REMOVE_DIR | ACCESS_REMOVE_FILE | ACCESS_MAKE_DIR | ACCESS_MAKE_REG |
                     ACCESS_REFER;
  if (version >= 3) allowed |= ACCESS_TRUNCATE;
  if (may_make_links) allowed |= ACCESS_MAKE_SYM;
  struct ruleset_attributes attributes = {.handled_access_fs = allowed | (may_execute ? 0 : ACCESS_EXECUTE) | ACCESS_MAKE_CHAR |
                                                               ACCESS_MAKE_SOCK | ACCESS_MAKE_FIFO |
                                                               ACCESS_MAKE_BLOCK | ACCESS_MAKE_SYM};
  int ruleset = (int)syscall(LANDLOCK_CREATE_RULESET, &attributes, sizeof attributes, 0);
  if (ruleset < 0) return -errno;
  int result = version;
  for (int i = 0; i < count && result > 0; i++) {
    struct path_beneath_attributes rule = {.allowed_access = allowed, .parent_fd = directories[i]};
    if (syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0) result = -errno;
  }
  if (may_execute && result > 0) {
    /* Programs open it for writing before they do anything else. */
    int null = open("/dev/null", O_PATH | O_CLOEXEC);
    struct path_beneath_attributes rule = {.allowed_access = ACCESS_WRITE_FILE, .parent_fd = null};
    if (null >= 0) {
      if (syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0) result = -errno;
      close(null);
    }
  }
  if (result > 0 && syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) < 0) result = -errno;
  close(ruleset);
  return result;
}

int policy_become(uint32_t uid, uint32_t gid, const uint32_t *groups, int count) {
  gid_t list[1024];
  if (count < 0 || count > 1024) return -EINVAL;
  for (int i = 0; i < count; i++) list[i] = groups[i];
  /* All three identities, so that nothing can be taken back; the capabilities of root go with them. */
  if (setgroups((size_t)count, list) < 0) return -errno;
  if (setresgid(gid, gid, gid) < 0) return -errno;
  if (setresuid(uid, uid, uid) < 0) return -errno;
  uid_t real, effective, saved;
  if (getresuid(&real, &effective, &saved) < 0) return -errno;
  if (real != uid || effective != uid || saved != uid) return -EPERM;
  if (uid != 0 && setuid(0) == 0) return -EPERM;
  return 0;
}

int policy_die_with_parent(int32_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0) return -errno;
  /* It may have died before that. */
  return getppid() == parent ? 0 : -ESRCH;
}

/* --- being asked to stop --- */

static volatile sig_atomic_t stopped_by;
static volatile sig_atomic_t workers[1024];

static void note_stop(int signal) {
  stopped_by = signal;
  int saved = errno;
  for (int i = 0; i < 1024; i++)
    if (workers[i] > 0) kill((pid_t)workers[i], signal);
  errno = saved;
}

void policy_stop_gently(void) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  for (int i = 0; i < 3; i++) {
    struct sigaction old, action = {.sa_handler = note_stop};
    /* What the caller ignores (nohup) stays ignored; a second signal ends the process at once. */
    if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESETHAND;
    sigaction(signals[i], &action, NULL);
  }
}

int policy_stopped_by(void) { return stopped_by; }

void policy_remember_worker(int32_t process, int is_running) {
  for (int i = 0; i < 1024; i++) {
    if (workers[i] == (is_running ? 0 : process)) {
      workers[i] = is_running ? process : 0;
      return;
    }
  }
}

/* --- who else has a file open --- */

int policy_is_open_elsewhere(int file) {
  /* Whoever opens the file in between would have a signal sent to us, which ends a process by default. */
  static volatile sig_atomic_t is_ignored;
  if (!is_ignored) {
    signal(SIGIO, SIG_IGN);
    is_ignored = 1;
  }
  /* A write lease is granted only where nobody else has the file open or mapped; asked for and given back. */
  if (fcntl(file, F_SETLEASE, F_WRLCK) == 0) {
    (void)fcntl(file, F_SETLEASE, F_UNLCK);
    return 0;
  }
  return errno == EAGAIN ? 1 : -errno;
}
