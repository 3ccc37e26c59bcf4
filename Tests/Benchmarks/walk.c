/* What the machine can do at best, as short as it can be written.
   Usage: walk tree DIRECTORY THREADS   every entry below it, listed with getdents64 and looked at with statx
          walk csv DIRECTORY            every results.csv below it: the largest metrics/mAP50(B)
          walk scan DIRECTORY THREADS FILE BYTES
                                        as tree; of each run the same files are read as by a scan, of its results.csv one column;
                                        at the end so many bytes are written: what a scan cannot do without
          walk timed FILE PROGRAM …     runs a program without output; seconds, user, system and peak KiB go to FILE
   The first three print a count, so that nobody can be fast by doing nothing. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct entry {
  unsigned long inode;
  long offset;
  unsigned short length;
  unsigned char type;
  char name[];
};
struct row {
  unsigned long inode, size, blocks;
  long modified, changed;
  unsigned parent, uid, name;
};
struct worker {
  struct row *rows;
  char *names;
  size_t count, room, used, names_room;
};

static int fail(const char *what) {
  perror(what);
  exit(1);
}

/* Directories that wait, as paths; the newest goes first. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char **waiting;
static size_t waiting_count, waiting_room;
static int active;

static void push(char *path) {
  if (waiting_count == waiting_room) waiting = realloc(waiting, (waiting_room = waiting_room * 2 + 64) * sizeof *waiting);
  waiting[waiting_count++] = path;
}

static void keep(struct worker *w, const char *name, const struct statx *s, unsigned parent) {
  size_t length = strlen(name) + 1;
  if (w->count == w->room) w->rows = realloc(w->rows, (w->room = w->room * 2 + 1024) * sizeof *w->rows);
  if (w->used + length > w->names_room) w->names = realloc(w->names, w->names_room = w->names_room * 2 + 4096);
  memcpy(w->names + w->used, name, length);
  w->rows[w->count++] = (struct row){s->stx_ino, s->stx_size, s->stx_blocks, s->stx_mtime.tv_sec, s->stx_ctime.tv_sec,
                                     parent, s->stx_uid, (unsigned)w->used};
  w->used += length;
}

/* The wanted column of every row by memchr; the file in one reused buffer. */
static __thread char *content;
static __thread size_t content_room;
static double best(int directory) {
  int file = openat(directory, "results.csv", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return -1;
  struct stat status;
  fstat(file, &status);
  if ((size_t)status.st_size + 1 > content_room) content = realloc(content, content_room = status.st_size + 65536);
  long size = read(file, content, status.st_size);
  close(file);
  if (size <= 0) return -1;
  content[size] = 0;
  char *end = content + size, *line = memchr(content, '\n', size);
  if (!line) return -1;
  int column = 0;
  char *found = memmem(content, line - content, "metrics/mAP50(B)", 16);
  if (!found) return -1;
  for (char *p = content; p < found; p++) column += *p == ',';
  double top = -1;
  for (line++; line < end;) {
    char *stop = memchr(line, '\n', end - line), *cell = line;
    if (!stop) break;
    for (int i = 0; i < column && cell; i++) {
      cell = memchr(cell, ',', stop - cell);
      if (cell) cell++;
    }
    if (cell) {
      while (*cell == ' ') cell++;
      long value = 0, scale = 1;
      int point = 0;
      for (; (*cell >= '0' && *cell <= '9') || *cell == '.'; cell++) {
        if (*cell == '.') point = 1;
        else {
          value = value * 10 + *cell - '0';
          if (point) scale *= 10;
        }
      }
      double number = (double)value / scale;
      if (number > top) top = number;
    }
    line = stop + 1;
  }
  return top;
}

/* Opened, looked at, a part of it read, looked at again. */
static void glance(int directory, const char *name, long wanted) {
  int file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return;
  char part[4096];
  struct stat status;
  fstat(file, &status);
  if (pread(file, part, wanted < 0 ? (size_t)-wanted : sizeof part, wanted < 0 ? status.st_size + wanted : 0) < 0) perror(name);
  fstat(file, &status);
  close(file);
}

/* What a scan reads of a run besides its entries. */
static int reads_files;
static void look_inside(int directory) {
  glance(directory, "args.yaml", 0);
  int weights = openat(directory, "weights", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (weights >= 0) {
    glance(weights, "last.pt", -98);
    glance(weights, "best.pt", -98);
    close(weights);
  }
  best(directory);
  if (!flock(directory, LOCK_EX | LOCK_NB)) flock(directory, LOCK_UN);
}

/* Everything below an open directory, which is closed. Above the runs subdirectories are left to others. */
static void visit(struct worker *w, int directory, const char *path, int share) {
  char buffer[32768];
  unsigned parent = (unsigned)w->count;
  int is_run = 0;
  long filled;
  while ((filled = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0)
    for (long place = 0; place < filled;) {
      struct entry *e = (struct entry *)(buffer + place);
      place += e->length;
      if (e->name[0] == '.' && (!e->name[1] || (e->name[1] == '.' && !e->name[2]))) continue;
      struct statx status;
      if (statx(directory, e->name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &status) < 0) continue;
      keep(w, e->name, &status, parent);
      if (!strcmp(e->name, "args.yaml")) is_run = 1;
      if (!S_ISDIR(status.stx_mode)) continue;
      if (share > 0) {
        char *below = malloc(strlen(path) + strlen(e->name) + 2);
        sprintf(below, "%s/%s", path, e->name);
        pthread_mutex_lock(&lock);
        push(below);
        pthread_mutex_unlock(&lock);
      } else {
        int inner = openat(directory, e->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inner >= 0) visit(w, inner, "", 0);
      }
    }
  if (is_run && reads_files) look_inside(directory);
  close(directory);
}

static int depth(const char *path) {
  int slashes = 0;
  for (; *path; path++) slashes += *path == '/';
  return slashes;
}
static int root_depth;

static void *work(void *argument) {
  for (;;) {
    pthread_mutex_lock(&lock);
    char *path = waiting_count ? waiting[--waiting_count] : NULL;
    int over = !path && !active;
    if (path) active++;
    pthread_mutex_unlock(&lock);
    if (over) return NULL;
    if (!path) {
      usleep(100);
      continue;
    }
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory >= 0) visit(argument, directory, path, depth(path) - root_depth < 3);
    free(path);
    pthread_mutex_lock(&lock);
    active--;
    pthread_mutex_unlock(&lock);
  }
}

static void tree(const char *root, int threads) {
  struct worker workers[64] = {0};
  pthread_t ids[64];
  root_depth = depth(root);
  push(strdup(root));
  for (int i = 1; i < threads; i++) pthread_create(&ids[i], NULL, work, &workers[i]);
  work(&workers[0]);
  size_t count = workers[0].count;
  for (int i = 1; i < threads; i++) {
    pthread_join(ids[i], NULL);
    count += workers[i].count;
  }
  printf("%zu\n", count);
}

static size_t tables;
static void search(int directory, int level) {
  if (best(directory) >= 0) {
    tables++;
    close(directory);
    return;
  }
  DIR *list = fdopendir(directory);
  struct dirent *e;
  while ((e = readdir(list)))
    if (e->d_type == DT_DIR && e->d_name[0] != '.') {
      int inner = openat(directory, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (inner >= 0) search(inner, level + 1);
    }
  closedir(list);
}

static void put(const char *path, long bytes) {
  static char piece[65536];
  memset(piece, 'x', sizeof piece);
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (file < 0) fail(path);
  for (long part; bytes > 0; bytes -= part)
    if ((part = write(file, piece, bytes < (long)sizeof piece ? bytes : (long)sizeof piece)) < 0) fail(path);
  close(file);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int timed(const char *file, char **words) {
  double start = now();
  pid_t child = vfork();
  if (child == 0) {
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 1);
    execvp(words[0], words);
    _exit(127);
  }
  int status;
  struct rusage use;
  if (wait4(child, &status, 0, &use) < 0) fail("wait4");
  double wall = now() - start;
  FILE *out = fopen(file, "w");
  fprintf(out, "%.6f %.6f %.6f %ld\n", wall, use.ru_utime.tv_sec + use.ru_utime.tv_usec / 1e6,
          use.ru_stime.tv_sec + use.ru_stime.tv_usec / 1e6, use.ru_maxrss);
  fclose(out);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int count, char **words) {
  if (count == 4 && !strcmp(words[1], "tree")) tree(words[2], atoi(words[3]));
  else if (count == 3 && !strcmp(words[1], "csv")) {
    search(open(words[2], O_RDONLY | O_DIRECTORY), 0);
    printf("%zu\n", tables);
  } else if (count == 6 && !strcmp(words[1], "scan")) {
    reads_files = 1;
    tree(words[2], atoi(words[3]));
    put(words[4], atol(words[5]));
  } else if (count > 3 && !strcmp(words[1], "timed")) return timed(words[2], words + 3);
  else return 64;
  return 0;
}
