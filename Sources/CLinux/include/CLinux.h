/* What the Glibc module of Swift lacks: openat2, statx, renameat2, getdents64, sync_file_range. Thin: every function returns what the
   system call returns, or -errno; calls that a signal interrupts are made again. */
#ifndef POLICY_CLINUX_H
#define POLICY_CLINUX_H

#include <stddef.h>
#include <stdint.h>

/* Path resolution of openat2(2); macros with casts are not imported by Swift. */
static const uint64_t POLICY_RESOLVE_NO_XDEV = 0x01;
static const uint64_t POLICY_RESOLVE_NO_MAGICLINKS = 0x02;
static const uint64_t POLICY_RESOLVE_NO_SYMLINKS = 0x04;
static const uint64_t POLICY_RESOLVE_BENEATH = 0x08;

/* Open flags that Glibc hides from Swift without _GNU_SOURCE. */
extern const int POLICY_O_PATH;
extern const int POLICY_O_NOATIME;

/* Flags of renameat2(2). */
static const uint32_t POLICY_RENAME_NOREPLACE = 1;
static const uint32_t POLICY_RENAME_EXCHANGE = 2;

/* The status of one inode, flat. Times are nanoseconds since 1970, clamped to what an int64_t holds. */
struct policy_status {
  uint64_t device;
  uint64_t inode;
  uint64_t mount_id;
  int64_t size;
  int64_t blocks; /* of 512 bytes */
  int64_t modified_ns;
  int64_t changed_ns;
  int64_t born_ns;
  uint32_t mode;
  uint32_t uid;
  uint32_t gid;
  uint32_t nlink;
  uint8_t has_born;
  uint8_t has_mount_id;
  uint8_t knows_mount_root;
  uint8_t is_mount_root;
};

/* openat2(2): a descriptor, or -errno. `resolve` is made of POLICY_RESOLVE_*. */
int policy_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

/* openat(2) without the variadic mode that Swift cannot pass. */
int policy_openat(int directory, const char *path, int flags, uint32_t mode);

/* statx(2) of `path` below `directory`, never following a final link; an empty path is the descriptor itself. Where
   the kernel (or a sandbox) has no statx, fstatat(2) answers and birth time and mount are unknown. 0 or -errno. */
int policy_status_at(int directory, const char *path, struct policy_status *status);

/* The same of what a final link points to, without asking a server: only for the links of /proc/<pid>/fd, which are no
   paths. */
int policy_target_status_at(int directory, const char *path, struct policy_status *status);

/* renameat2(2): 0 or -errno. */
int policy_renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path, uint32_t flags);

/* getdents64(2): bytes filled, 0 at the end, or -errno. */
int64_t policy_getdents64(int directory, void *buffer, size_t size);

/* pread(2) and read(2): bytes read, or -errno. */
int64_t policy_pread(int file, void *buffer, size_t size, int64_t offset);
int64_t policy_read(int file, void *buffer, size_t size);

/* sync_file_range(2): has the disk begin to write so many bytes of a file; waits for nothing, and promises nothing. 0 or -errno. */
int policy_begin_writing(int file, int64_t offset, int64_t size);

/* close(2): 0 or -errno; never made again after EINTR (Linux has closed the descriptor by then). */
int policy_close(int file);

/* The target of a symbolic link: its length, or -errno. */
int64_t policy_readlinkat(int directory, const char *path, void *buffer, size_t size);

/* The system's words for an error number, NUL-terminated in `buffer`. */
void policy_error_text(int error, char *buffer, size_t size);

/* Magic number of the file system that a descriptor is on (statfs f_type), or -errno. */
int64_t policy_file_system_magic(int file);

/* 1 when the flock of `file` is held by somebody else, shared or exclusively, 0 when not, -errno when it cannot be tested.
   Takes and drops an exclusive lock, which alone meets every other, without waiting for it. */
int policy_is_flocked(int file);

/* For PolicyApply alone. Reserves blocks for the first `size` bytes of a file without changing its length: 0 or -errno. */
int policy_reserve(int file, int64_t size);

/* syncfs(2): everything of the file system that `file` is on. Never made again after a failure. 0 or -errno. */
int policy_syncfs(int file);

/* flock(2) for one holder, without waiting: 0 or -errno (EWOULDBLOCK: somebody else holds it). */
int policy_flock_exclusive(int file);

/* Drops the flock for every copy of the descriptor, so that a child that is just being started cannot keep it. */
void policy_unlock(int file);

/* --- Workers: this same program, executed again and confined before anything else runs in it. --- */

/* Executes this program with the given arguments and environment (both NULL-terminated). `inherited` become the
   descriptors 3, 4, … of the child; every other one that closes on exec is closed. 0 or -errno. */
int policy_spawn_worker(const char *const *arguments, const char *const *environment, const int *inherited,
                        int count, int32_t *process);

/* Waits for a child: its exit status, 128 + the signal that ended it, or -errno. */
int policy_wait(int32_t process);

/* Closes every descriptor from this number on: what whoever started us left open. */
void policy_close_from(int first);

/* Two descriptors that close on exec: the reading end first. 0 or -errno. */
int policy_pipe(int *ends);

/* The groups of a user: how many, or -errno (ENOENT: nobody of that number is known here). */
int policy_user(uint32_t uid, char *name, size_t size, uint32_t *gid, uint32_t *groups, int most);

/* The version of Landlock that the kernel speaks, or -errno. */
int policy_landlock_version(void);

/* From here on this thread, and whatever it starts, changes and makes files (symbolic links only where that is said) only
   below the given directories, and executes nothing (programs of the system where that is said, and they are as confined): the version of Landlock in use, 0 where the kernel has none (or the first, under which nothing could
   be renamed), or -errno. For a process with one thread. */
int policy_confine(const int *directories, int count, int may_make_links, int may_execute);

/* The home directory of a user: 0 or -errno. */
int policy_home(uint32_t uid, char *home, size_t size);

/* Becomes another user for good. For a process with one thread. 0 or -errno. */
int policy_become(uint32_t uid, uint32_t gid, const uint32_t *groups, int count);

/* SIGTERM when the parent dies. 0, or -ESRCH when it has died already. */
int policy_die_with_parent(int32_t parent);

/* From here on a first SIGINT, SIGTERM or SIGHUP is only noted (and handed to the workers that run). */
void policy_stop_gently(void);

/* The signal that was noted, or 0. */
int policy_stopped_by(void);

/* Which children get the signals, too. */
void policy_remember_worker(int32_t process, int is_running);

/* 1 when another process has the file open or mapped, 0 when not, -errno when that cannot be told (not the owner's file,
   or a file system without leases). `file` is a regular file opened for reading, and open only once here. */
int policy_is_open_elsewhere(int file);

/* --- Programs that carry backups away. --- */

/* Starts a program in a group of its own, with these three open and nothing else that closes on exec; standard input is
   empty where `input` is negative. 0 or -errno. */
int policy_start_tool(const char *path, const char *const *arguments, const char *const *environment, int input,
                      int output, int errors, int32_t *process);

/* --- Guarding another program. --- */

/* From here on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGCHLD wait until they are fetched. Before any other
   thread starts. */
void policy_hold_signals(void);

/* The next held signal, waiting for it at most so many milliseconds; 0 when none came. `is_sent` is 0 for one that the
   kernel made, such as that of a terminal, which every process of the group gets. */
int policy_next_signal(int milliseconds, int *is_sent);

/* 1 when a held signal waits. */
int policy_signal_waits(void);

/* Starts a program with the signals as they were before policy_hold_signals. `output` is where its standard output and
   standard error go, in a session of its own and with nothing to read; -1 for all three as ours are. 0 or -errno. */
int policy_start(const char *path, const char *const *arguments, const char *const *environment, int output,
                 int32_t *process);

/* How a child ended, as policy_wait says it; -EAGAIN as long as it runs. */
int policy_ended(int32_t process);

/* Processor and disk only when nobody else wants them. */
void policy_yield_to_others(int32_t process);

/* A file without a name, gone with its descriptor, which children do not inherit; -1 with errno. */
int policy_memory_file(void);

/* --- What an archive keeps of a file beside its bytes. --- */

/* The names of the extended attributes of an open file, each NUL-terminated: bytes, or -errno (ERANGE: too small). An
   empty buffer asks how many. */
int64_t policy_list_attributes(int file, void *buffer, size_t size);

/* The value of one, likewise. */
int64_t policy_attribute(int file, const char *name, void *buffer, size_t size);

/* For PolicyApply alone. 0 or -errno. */
int policy_set_attribute(int file, const char *name, const void *value, size_t size);

/* Where the next data, or the next hole, begins at or after an offset, or -errno (ENXIO: there is no more data). Moves
   the position of the descriptor. */
int64_t policy_next_data(int file, int64_t offset);
int64_t policy_next_hole(int file, int64_t offset);

/* Lets go of what the system keeps of a synced file in memory, so that it is read from its disk again. 0 or -errno. */
int policy_forget_pages(int file);

/* For PolicyApply alone. The modification time of an entry, a final link's own: 0 or -errno. */
int policy_set_modified(int directory, const char *path, int64_t nanoseconds);

#endif
