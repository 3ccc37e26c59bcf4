#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigset_t held, before;

void policy_hold_signals(void) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD};
  sigemptyset(&held);
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaddset(&held, signals[i]);
  /* Whoever started us may ignore it: then children would vanish without a status. */
  signal(SIGCHLD, SIG_DFL);
  pthread_sigmask(SIG_BLOCK, &held, &before);
}

int policy_next_signal(int milliseconds, int *is_sent) {
  struct timespec most = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
  siginfo_t facts;
  int signal = sigtimedwait(&held, &facts, &most);
  if (signal < 0) return 0;
  *is_sent = facts.si_code <= 0;
  return signal;
}

int policy_signal_waits(void) {
  sigset_t waiting;
  if (sigpending(&waiting) < 0) return 0;
  for (int signal = 1; signal < 32; signal++)
    if (sigismember(&held, signal) == 1 && sigismember(&waiting, signal) == 1) return 1;
  return 0;
}

int policy_start(const char *path, const char *const *arguments, const char *const *environment, int output,
                 int32_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (output >= 0) {
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    flags |= POSIX_SPAWN_SETSID;
  }
  /* The two that this program ignores for itself. */
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGXFSZ);
  posix_spawnattr_setsigmask(&attributes, &before);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, flags);
  pid_t child = 0;
  int code =
      posix_spawn(&child, path, &actions, &attributes, (char *const *)arguments, (char *const *)environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  *process = child;
  return code == 0 ? 0 : -code;
}

int policy_start_tool(const char *path, const char *const *arguments, const char *const *environment, int input,
                      int output, int errors, int32_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  if (input >= 0) posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  else posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigfillset(&defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  /* A group of its own: a Ctrl-C is ours to hand on. */
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  int code =
      posix_spawn(&child, path, &actions, &attributes, (char *const *)arguments, (char *const *)environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  *process = code == 0 ? child : 0;
  return code == 0 ? 0 : -code;
}

int policy_ended(int32_t process) {
  int status = 0;
  pid_t result;
  do result = waitpid(process, &status, WNOHANG);
  while (result < 0 && errno == EINTR);
  if (result < 0) return -errno;
  if (result == 0) return -EAGAIN;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void policy_yield_to_others(int32_t process) {
  enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_IDLE = 3 << 13 };
  setpriority(PRIO_PROCESS, (id_t)process, 19);
  (void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, process, IOPRIO_IDLE);
}

int policy_memory_file(void) {
  return memfd_create("policy", MFD_CLOEXEC);
}
