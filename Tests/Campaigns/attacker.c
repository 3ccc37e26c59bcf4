// Swaps directories, links, names and, as root, mounts below a scene (race_scene.py) while another program works there.
//
// Usage: attacker SCENE GROUPS ITEMS-A-GROUP ACTS HOLD SEED. It opens what it can beforehand, as a user who owns most of
// the folders may, and then takes letters on its input: a, r, p act while things are trashed, restored, purged; A, P
// likewise from when the journal has grown; i stops and answers with what it did, one count a word.
//
// ACTS, each letter as often as it is to be drawn: g groups of runs, i runs, n what is in runs, h what he holds open in
// the trash, t names that restores want, o what lies in a root of his own, m mounts.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXCHANGE 2u
#define KEEP 1u
#define MANY 2000
#define EACH 4  // of each thing to swap with, in each group

enum { GROUP_LINK, GROUP_OTHER, GROUP_OUT, ITEM_DECOY, ITEM_LINK, ITEM_THIRD, ITEM_KEEP, ITEM_FIFO, ITEM_HARD, ITEM_PAIR,
       PLUG, INNER_LINK, INNER_OUT, HELD_LINK, HELD_OUT, HELD_IN, HELD_THIRD, NAME, POOL, STATE, MOUNT, KINDS };
static const char *const kinds[KINDS] = {
    "group-link", "group-other", "group-out", "item-decoy", "item-link", "item-third", "item-keep", "item-fifo",
    "item-hardlink", "item-pair", "name-plugged", "inner-link", "inner-out", "held-link", "held-out", "held-in",
    "held-third", "name-taken", "pool-link", "state-swap", "mount"};
static const char *const others[] = {"decoy", ".link", "other", "keep", ".fifo", ".hard"};

static long count[KINDS];
static int groups, per, hold, attic, runs, pool;
static int group[MANY], item[MANY], weights[MANY], victims[2];
static char touched[MANY], held[MANY], used[6][MANY][EACH];
static const char *acts;
static unsigned long long random_state;

static unsigned roll(unsigned sides) {
  random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
  return (unsigned)(random_state >> 33) % sides;
}

static const char *name(const char *format, ...) {
  static char buffers[8][64];
  static int next;
  char *buffer = buffers[next++ % 8];
  va_list list;
  va_start(list, format);
  vsnprintf(buffer, 64, format, list);
  va_end(list);
  return buffer;
}

static int move(int kind, int from, const char *old, int to, const char *new, unsigned flags) {
  if (syscall(SYS_renameat2, from, old, to, new, flags)) return 0;
  count[kind]++;
  return 1;
}

static int is_there(int directory, const char *what) {
  struct stat status;
  return fstatat(directory, what, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

// Up to so many microseconds, busily: whoever sleeps comes too late. Ends early when something that is watched vanishes.
static void watch_up_to(int microseconds, int directory, const char *what) {
  struct timespec now, end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  long until = end.tv_nsec + (long)roll((unsigned)microseconds + 1) * 1000;
  end.tv_sec += until / 1000000000, end.tv_nsec = until % 1000000000;
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((!what || is_there(directory, what)) &&
         (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec)));
}

static void wait_up_to(int microseconds) { watch_up_to(microseconds, -1, NULL); }

static void swap_and_back(int kind, int from, const char *old, int to, const char *new) {
  if (!move(kind, from, old, to, new, EXCHANGE)) return;
  wait_up_to(hold);
  move(kind, from, old, to, new, EXCHANGE);
}

static void out_and_back(int kind, int from, const char *old, int to, const char *new) {
  if (!move(kind, from, old, to, new, KEEP)) return;
  wait_up_to(hold);
  move(kind, to, new, from, old, KEEP);
}

// Whoever works on many things does so in order: what vanished last, or appeared, says what comes next.
static int place;
static int is_removed(int number) {
  struct stat status;
  return weights[number] >= 0 && fstat(weights[number], &status) == 0 && status.st_nlink == 0;
}

static void follow(char phase) {
  if (phase == 'p') {
    for (int ahead = place + 63; ahead >= place; ahead--)
      if (ahead < groups * per && is_removed(ahead)) place = ahead + 1;
    return;
  }
  int ahead = place + (int)roll(64);
  if (ahead >= groups * per || touched[ahead]) return;
  if (is_there(group[ahead / per], name("exp%02d", ahead % per)) == (phase == 'r')) place = ahead + 1;
}

static int target(void) {
  int chosen = place + (int)roll(3);
  return chosen < groups * per ? chosen : (int)roll((unsigned)(groups * per));
}

// The next that he can reach into and that lies in the trash as it was put there.
static int purge_target(void) {
  for (int number = place; number < groups * per; number++)
    if (item[number] >= 0 && !held[number] && !is_removed(number) &&
        !is_there(group[number / per], name("exp%02d", number % per)) && roll(3))
      return number;
  return target();
}

static void swap_group(void) {
  int number = target() / per;
  const char *own = name("g%d", number);
  unsigned which = roll(4);
  if (which == 0) out_and_back(GROUP_OUT, pool, own, attic, name("out-%s", own));
  else if (which == 1) swap_and_back(GROUP_OTHER, pool, own, attic, name("h%d", number));
  else swap_and_back(GROUP_LINK, pool, own, attic, name("link%u", roll(3)));
  // Else nothing would ever be in its place.
  wait_up_to(hold * 2);
}

// Once an item: its own change time gives it away afterwards.
static void swap_item(void) {
  int chosen = target();
  if (touched[chosen]) return;
  int folder = chosen / per, kind = (int)roll(7), number = (int)roll(EACH);
  const char *own = name("exp%02d", chosen % per), *other;
  if (kind == 6) {
    if (chosen % per + 1 >= per || touched[chosen + 1]) return;
    other = name("exp%02d", chosen % per + 1);
  } else {
    if (used[kind][folder][number]) return;
    other = name("%s%d", others[kind], number);
  }
  if (!move(ITEM_DECOY + kind, group[folder], own, group[folder], other, EXCHANGE)) return;
  touched[chosen] = 1;
  if (kind == 6) touched[chosen + 1] = 1;
  watch_up_to(hold * 4, group[folder], own);
  // Whatever was moved by mistake finds its name taken when it is put back.
  if (!is_there(group[folder], own) && move(PLUG, attic, name("plug%u", roll(40)), group[folder], own, KEEP)) return;
  if (roll(2) || !move(ITEM_DECOY + kind, group[folder], own, group[folder], other, EXCHANGE))
    if (kind < 6) used[kind][folder][number] = 1;
}

static void swap_inner(void) {
  int chosen = target();
  if (item[chosen] < 0 || touched[chosen] || !is_there(group[chosen / per], name("exp%02d", chosen % per))) return;
  touched[chosen] = 1;
  unsigned which = roll(3);
  if (which == 0) swap_and_back(INNER_LINK, item[chosen], "weights", attic, name("inner%u", roll(3)));
  else if (which == 1) swap_and_back(INNER_LINK, weights[chosen], "deep", attic, name("inner%u", roll(3)));
  else out_and_back(INNER_OUT, item[chosen], "weights", attic, name("out-%d", chosen));
}

// By descriptors that are still held into what now lies in the trash.
static void swap_held(char phase) {
  int chosen = phase == 'p' ? purge_target() : (int)roll((unsigned)place + 1);
  if (chosen >= groups * per || item[chosen] < 0) return;
  if (phase != 'p' && (touched[chosen] || roll(8))) return;
  touched[chosen] = phase != 'p';
  held[chosen] |= phase != 'p';
  unsigned which = roll(8);
  if (which >= 4) {
    // What a third user lets everybody move, and nobody remove. Not before what is there was looked at.
    if (phase != 'p') return;
    watch_up_to(hold * 8, weights[chosen], "best.pt");
    swap_and_back(HELD_THIRD, group[chosen / per], name("open%u", roll(EACH)), weights[chosen], "deep");
  } else if (which == 0) swap_and_back(HELD_LINK, item[chosen], "weights", attic, name("inner%u", roll(3)));
  else if (which == 1) swap_and_back(HELD_LINK, weights[chosen], "deep", attic, name("inner%u", roll(3)));
  else if (which == 2) out_and_back(HELD_OUT, roll(2) ? item[chosen] : weights[chosen], roll(2) ? "deep" : "weights",
                                    attic, name("held-%d", chosen));
  else out_and_back(HELD_IN, attic, name("junk%u", roll(4)), roll(2) ? item[chosen] : weights[chosen], "deep2");
}

static void take_name(void) {
  int chosen = target();
  const char *own = name("exp%02d", chosen % per);
  if (is_there(group[chosen / per], own) && !touched[chosen]) return;
  out_and_back(NAME, attic, name("plug%u", roll(40)), group[chosen / per], own);
}

static void swap_above(void) {
  if (roll(2)) swap_and_back(POOL, runs, "pool", attic, name("above%u", roll(3)));
  else swap_and_back(STATE, runs, ".policy", attic, roll(2) ? "state" : "link0");
  wait_up_to(hold * 2);
}

// A mount of something outside, made on a directory that may be moved meanwhile; root only.
static void mount_over(void) {
  int chosen = target();
  if (item[chosen] < 0) return;
  unsigned which = roll(8);
  int on = which == 0 ? group[chosen / per] : which < 3 ? item[chosen] : weights[chosen];
  int tree = (int)syscall(SYS_open_tree, victims[which >= 3], "", AT_EMPTY_PATH | 1u | O_CLOEXEC);
  if (tree < 0) return;
  if (syscall(SYS_move_mount, tree, "", on, "", 0x44u) == 0) {
    count[MOUNT]++;
    wait_up_to(hold);
    umount2(name("/proc/self/fd/%d", tree), MNT_DETACH);
    wait_up_to(hold * 2);
  }
  close(tree);
}

static void act(char phase) {
  follow(phase);
  char which = acts[roll((unsigned)strlen(acts))];
  if (which == 'g' && phase != 'p') swap_group();
  if (which == 'i' && phase == 'a') swap_item();
  if (which == 'n' && phase == 'a') swap_inner();
  if (which == 'h') swap_held(phase);
  if (which == 't' && phase == 'r') take_name();
  if (which == 'o') swap_above();
  if (which == 'm') mount_over();
}

static off_t journal_size(void) {
  struct stat status;
  return fstatat(runs, ".policy/0/journal", &status, 0) ? 0 : status.st_size;
}

static int open_at(int directory, const char *what) {
  return openat(directory, what, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void answer(void) {
  for (int kind = 0; kind < KINDS; kind++) printf("%s=%ld ", kinds[kind], count[kind]);
  printf("\n");
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 7) return 64;
  groups = atoi(argv[2]), per = atoi(argv[3]), acts = argv[4], hold = atoi(argv[5]);
  random_state = strtoull(argv[6], NULL, 10) * 2 + 1;
  if (groups * per > MANY || chdir(argv[1])) return 64;
  attic = open_at(AT_FDCWD, "attic"), runs = open_at(AT_FDCWD, "runs"), pool = open_at(runs, "pool");
  victims[0] = open_at(AT_FDCWD, "outside/root"), victims[1] = open_at(victims[0], "exp00/weights");
  for (int number = 0; number < groups; number++) group[number] = open_at(pool, name("g%d", number));
  for (int number = 0; number < groups * per; number++) {
    // Every other item is open to everybody; see race_scene.py.
    item[number] = number % 2 ? -1 : open_at(group[number / per], name("exp%02d", number % per));
    weights[number] = item[number] < 0 ? -1 : open_at(item[number], "weights");
  }
  printf("ready\n");
  fflush(stdout);
  char command = 'i', letter;
  off_t before = 0;
  for (;;) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (poll(&input, 1, command == 'i' ? -1 : 0) > 0) {
      if (read(0, &letter, 1) != 1) break;
      command = letter;
      before = journal_size(), place = 0;
      if (command == 'p' || command == 'P') memset(touched, 0, sizeof touched);
      answer();
      continue;
    }
    if (command < 'a') {
      // More than the record of the beginning: the intents.
      if (journal_size() < before + (command == 'P' ? 2000 : 20000)) continue;
      command = (char)(command - 'A' + 'a');
    }
    for (int again = 0; again < 16; again++) act(command);
  }
  return 0;
}
