// Runs a program and intrudes on one of its system calls, in it or in a process that it starts.
//
//   intrude OUT FOLDER list PROGRAM ARGUMENT…                         what calls there are, one line each
//   intrude OUT FOLDER kill PROCESS CALL PLACE NUMBER PROGRAM …       SIGKILL instead of the call
//   intrude OUT FOLDER fail PROCESS CALL PLACE NUMBER ERRNO PROGRAM … the call is not carried out and fails
//
// PROCESS: 1 is the program, 2 the first process that it starts, and so on. CALL: a system call's number. PLACE: 1 for
// calls on a descriptor or path at or below FOLDER, else 0. NUMBER: the how-manieth of such calls of that process, all
// its threads together; so what other processes do, which the program may look at in `/proc`, shifts no number inside.
// Unlike `strace -f`, which counts in each process and intrudes on all of them, this means one call of one process.
//
// Ends when every process has ended, with the program's own exit status, or 128 + the signal. OUT: for `list` lines of
// PROCESS CALL PLACE NUMBER and, each behind a tab, the path of the first argument's descriptor, the first and the
// second path, `(unlock)` for a lock that is dropped; else `reached` where the call was made, and these of it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <elf.h>
#include <linux/ptrace.h>

#define MOST_PROCESSES 64
#define MOST_CALLS 1024
#define MOST_THREADS 4096

static struct {
  pid_t id;
  long count[MOST_CALLS][2];
} processes[MOST_PROCESSES];
static int process_count;
static struct {
  pid_t id;
  int process;
} threads[MOST_THREADS];
static int thread_count;
static FILE *out;
static const char *folder;

// What a call is about: the path of its first argument's descriptor, and the paths among its arguments.
struct subject {
  int has[3];
  char path[3][PATH_MAX];
};

static void stop(const char *what) {
  fprintf(stderr, "intrude: %s: %s\n", what, strerror(errno));
  exit(125);
}

// Which process a thread belongs to: numbered in the order in which they were first seen.
static int process_of(pid_t thread) {
  for (int i = 0; i < thread_count; i++)
    if (threads[i].id == thread) return threads[i].process;
  char path[64], line[256];
  pid_t group = thread;
  snprintf(path, sizeof path, "/proc/%d/status", thread);
  FILE *status = fopen(path, "re");
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "Tgid: %d", &group) == 1) break;
  if (status) fclose(status);
  int process = 0;
  while (process < process_count && processes[process].id != group) process++;
  if (process == process_count) {
    if (process_count == MOST_PROCESSES) stop("too many processes");
    processes[process_count++].id = group;
  }
  if (thread_count == MOST_THREADS) stop("too many threads");
  threads[thread_count].id = thread;
  threads[thread_count++].process = process;
  return process;
}

static int is_known(pid_t thread) {
  for (int i = 0; i < thread_count; i++)
    if (threads[i].id == thread) return 1;
  return 0;
}

static void read_descriptor(pid_t thread, uint64_t descriptor, char *path) {
  char link[64];
  int number = (int)descriptor;
  if (number == AT_FDCWD) snprintf(link, sizeof link, "/proc/%d/cwd", thread);
  else snprintf(link, sizeof link, "/proc/%d/fd/%d", thread, number);
  ssize_t length = number >= 0 || number == AT_FDCWD ? readlink(link, path, PATH_MAX - 1) : -1;
  path[length < 0 ? 0 : length] = 0;
}

static void read_path(pid_t thread, uint64_t address, char *path) {
  size_t length = 0;
  path[0] = 0;
  // A word at a time, so that the end of a page is no obstacle.
  while (address && length + sizeof(long) < PATH_MAX) {
    errno = 0;
    long word = ptrace(PTRACE_PEEKDATA, thread, (void *)(uintptr_t)(address + length), NULL);
    if (errno) break;
    memcpy(path + length, &word, sizeof word);
    if (memchr(&word, 0, sizeof word)) return;
    length += sizeof word;
  }
  path[length] = 0;
}

// Which arguments are a descriptor, a path and another path; -1 for none.
static void places(long call, int *descriptor, int *first, int *second) {
  *descriptor = *first = *second = -1;
  switch (call) {
#ifdef SYS_open
  case SYS_open: case SYS_stat: case SYS_lstat: case SYS_access: case SYS_readlink: case SYS_unlink: case SYS_mkdir:
  case SYS_rmdir: case SYS_chmod: *first = 0; return;
  case SYS_rename: case SYS_link: case SYS_symlink: *first = 0; *second = 1; return;
#endif
  case SYS_execve: case SYS_statfs: case SYS_truncate: case SYS_chdir: *first = 0; return;
  case SYS_openat: case SYS_openat2: case SYS_statx: case SYS_mkdirat: case SYS_unlinkat: case SYS_readlinkat:
  case SYS_faccessat: case SYS_fchmodat: case SYS_utimensat: case SYS_newfstatat: *descriptor = 0; *first = 1; return;
  case SYS_renameat2: case SYS_linkat:
#ifdef SYS_renameat
  case SYS_renameat:
#endif
    *descriptor = 0; *first = 1; *second = 3; return;
  case SYS_close: case SYS_read: case SYS_write: case SYS_readv: case SYS_writev: case SYS_pread64: case SYS_pwrite64:
  case SYS_lseek: case SYS_fstat: case SYS_fstatfs: case SYS_fsync: case SYS_fdatasync: case SYS_syncfs:
  case SYS_ftruncate: case SYS_fallocate: case SYS_fadvise64: case SYS_fchmod: case SYS_fchown: case SYS_flock:
  case SYS_fcntl: case SYS_ioctl: case SYS_getdents64: case SYS_fgetxattr: case SYS_flistxattr: case SYS_dup:
    *descriptor = 0; return;
  }
}

static void read_subject(pid_t thread, const struct ptrace_syscall_info *now, struct subject *subject) {
  int argument[3];
  places((long)now->seccomp.nr, &argument[0], &argument[1], &argument[2]);
  for (int i = 0; i < 3; i++) {
    subject->has[i] = argument[i] >= 0;
    subject->path[i][0] = 0;
    if (!subject->has[i]) continue;
    uint64_t value = now->seccomp.args[argument[i]];
    if (i == 0) read_descriptor(thread, value, subject->path[i]);
    else read_path(thread, value, subject->path[i]);
  }
  if (now->seccomp.nr == SYS_flock && now->seccomp.args[1] & LOCK_UN) {
    subject->has[1] = 1;
    strcpy(subject->path[1], "(unlock)");
  }
}

static int is_inside(const struct subject *subject) {
  size_t length = strlen(folder);
  for (int i = 0; i < 3; i++) {
    const char *path = subject->path[i];
    // An absolute path makes the descriptor before it mean nothing.
    if (i == 0 && subject->path[1][0] == '/') continue;
    if (!strncmp(path, folder, length) && (path[length] == 0 || path[length] == '/')) return 1;
  }
  return 0;
}

static void write_paths(const struct subject *subject) {
  for (int i = 0; i < 3; i++) {
    fputc('\t', out);
    for (const char *text = subject->path[i]; *text; text++) {
      if (*text == '\n') fputs("\\n", out);
      else if (*text == '\t') fputs("\\t", out);
      else fputc(*text, out);
    }
  }
  fputc('\n', out);
}

static void list(int process, long call, int place, const struct subject *subject) {
  fprintf(out, "%d %ld %d %ld", process + 1, call, place, processes[process].count[call][place]);
  write_paths(subject);
}

// The call is skipped, and this is what it returns.
static void answer(pid_t thread, long result) {
#if defined(__x86_64__)
  struct user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, thread, NULL, &registers)) stop("registers");
  registers.orig_rax = (unsigned long long)-1;
  registers.rax = (unsigned long long)result;
  if (ptrace(PTRACE_SETREGS, thread, NULL, &registers)) stop("registers");
#elif defined(__aarch64__)
  struct user_regs_struct registers;
  int none = -1;
  struct iovec call = {&none, sizeof none}, all = {&registers, sizeof registers};
  if (ptrace(PTRACE_SETREGSET, thread, (void *)(uintptr_t)NT_ARM_SYSTEM_CALL, &call)) stop("registers");
  if (ptrace(PTRACE_GETREGSET, thread, (void *)(uintptr_t)NT_PRSTATUS, &all)) stop("registers");
  registers.regs[0] = (unsigned long long)result;
  if (ptrace(PTRACE_SETREGSET, thread, (void *)(uintptr_t)NT_PRSTATUS, &all)) stop("registers");
#else
#error "which register holds a call's result here?"
#endif
}

// Every call, or the one that is meant, reports to the tracer before it is carried out; others cost nothing.
static void filter(long call) {
  struct sock_filter every[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE)};
  struct sock_filter one[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {call < 0 ? 1 : 4, call < 0 ? every : one};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) stop("seccomp");
}

int main(int count, char **words) {
  if (count < 5) return 64;
  folder = words[2];
  const char *mode = words[3];
  int is_list = !strcmp(mode, "list"), is_kill = !strcmp(mode, "kill"), is_fail = !strcmp(mode, "fail");
  int fixed = is_list ? 4 : is_kill ? 8 : is_fail ? 9 : count;
  if (fixed >= count) return 64;
  int wanted_process = is_list ? 0 : atoi(words[4]), wanted_place = is_list ? 0 : atoi(words[6]);
  long wanted_call = is_list ? -1 : atol(words[5]), wanted_number = is_list ? 0 : atol(words[7]);
  long error = is_fail ? atol(words[8]) : 0;
  out = fopen(words[1], "we");
  if (!out) stop(words[1]);

  pid_t program = fork();
  if (program < 0) stop("fork");
  if (program == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL)) stop("ptrace");
    raise(SIGSTOP);
    filter(wanted_call);
    execv(words[fixed], words + fixed);
    stop(words[fixed]);
  }
  int status, result = 0, has_begun = 0;
  static struct subject subject;
  if (waitpid(program, &status, 0) != program || !WIFSTOPPED(status)) stop("wait");
  long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE
      | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SETOPTIONS, program, NULL, options)) stop("ptrace");
  process_of(program);
  ptrace(PTRACE_CONT, program, NULL, 0);

  pid_t thread;
  while ((thread = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
    if (thread <= 0) continue;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (thread == program) result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      continue;
    }
    int event = status >> 16, given = WSTOPSIG(status);
    int is_new = !is_known(thread), process = process_of(thread);
    if (event == PTRACE_EVENT_EXEC && thread == program) has_begun = 1;
    if (event == PTRACE_EVENT_SECCOMP && has_begun) {
      struct ptrace_syscall_info now;
      if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof now, &now) > 0 && now.op == PTRACE_SYSCALL_INFO_SECCOMP
          && now.seccomp.nr < MOST_CALLS) {
        long call = (long)now.seccomp.nr;
        read_subject(thread, &now, &subject);
        int place = is_inside(&subject);
        long number = ++processes[process].count[call][place];
        int is_meant = process + 1 == wanted_process && call == wanted_call && place == wanted_place
            && number == wanted_number;
        if (is_list) list(process, call, place, &subject);
        if (is_meant) {
          fputs("reached", out);
          write_paths(&subject);
        }
        if (is_meant && is_kill) {
          kill(processes[process].id, SIGKILL);
          continue;
        }
        if (is_meant) answer(thread, -error);
      }
    }
    // A new thread or process begins with a stop that is ours; other signals belong to the program.
    if (event || given == SIGTRAP || (is_new && given == SIGSTOP)) given = 0;
    ptrace(PTRACE_CONT, thread, NULL, (long)given);
  }
  if (fclose(out)) stop("writing");
  return result;
}
