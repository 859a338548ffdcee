// How the process ends early: by a signal, because a mapped file has become shorter, or without memory.
//
// A signal handler may use hardly anything: no allocation, no locks, no Swift. So what it needs is kept
// ready in tables of fixed size: which file is mapped where, and which temporary files and folders have
// to go. Their entries are read and written through lock-free atomics; the texts of an entry are written
// before it becomes visible and after it has stopped to be.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "swiftlet_ending.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAPS = 512, TEMPORARIES = 512, NAME = 4096 };
enum { INPUT_OUTPUT = 74 };

// The states of an entry.
enum { FREE, FILLING, USED, FOLDER };

typedef struct {
    atomic_int state;
    _Atomic uintptr_t start;
    _Atomic size_t count;
    char name[NAME];
} map_entry;

typedef struct {
    atomic_int state;
    char path[NAME];
} temporary_entry;

// Zero pages that nobody touches take no memory.
static map_entry maps[MAPS];
static temporary_entry temporaries[TEMPORARIES];

// The number of threads that are putting something in its place; -1 once the process is ending, after
// which nothing may appear any more.
static atomic_int placing;
// Whether this thread is one of them.
static _Thread_local int places;
// The signal to end by once nothing is being put in its place.
static atomic_int pending;
static struct sigaction previous_bus;

// MARK: Tables

int swiftlet_map_register(const void *start, size_t count, const char *name) {
    if (strlen(name) >= NAME) return -1;
    for (int i = 0; i < MAPS; i++) {
        int expected = FREE;
        if (!atomic_compare_exchange_strong(&maps[i].state, &expected, FILLING)) continue;
        strcpy(maps[i].name, name);  // in bounds by the check above
        atomic_store(&maps[i].start, (uintptr_t)start);
        atomic_store(&maps[i].count, count);
        atomic_store(&maps[i].state, USED);
        return i;
    }
    return -1;
}

void swiftlet_map_forget(int index) {
    if (index >= 0 && index < MAPS) atomic_store(&maps[index].state, FREE);
}

const char *swiftlet_map_name(const void *address) {
    for (int i = 0; i < MAPS; i++) {
        if (atomic_load(&maps[i].state) != USED) continue;
        const uintptr_t start = atomic_load(&maps[i].start);
        // The last page is mapped as a whole, so the address is below the end wherever it faults.
        if ((uintptr_t)address >= start && (uintptr_t)address - start < atomic_load(&maps[i].count))
            return maps[i].name;
    }
    return NULL;
}

int swiftlet_temporary_register(const char *path, int is_folder) {
    if (strlen(path) >= NAME) return -1;
    for (int i = 0; i < TEMPORARIES; i++) {
        int expected = FREE;
        if (!atomic_compare_exchange_strong(&temporaries[i].state, &expected, FILLING)) continue;
        strcpy(temporaries[i].path, path);  // in bounds by the check above
        atomic_store(&temporaries[i].state, is_folder ? FOLDER : USED);
        return i;
    }
    return -1;
}

// Whether `path` is in `folder`, at any depth.
static int is_inside(const char *path, const char *folder) {
    const size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

void swiftlet_temporary_placed(int index, const char *path) {
    if (index < 0 || index >= TEMPORARIES) return;
    atomic_store(&temporaries[index].state, FREE);
    for (int i = 0; i < TEMPORARIES; i++) {
        if (atomic_load(&temporaries[i].state) == FOLDER && is_inside(path, temporaries[i].path)) {
            // It goes with the folder.
            (void)swiftlet_temporary_register(path, 0);
            return;
        }
    }
}

void swiftlet_temporary_forget(int index) {
    if (index < 0 || index >= TEMPORARIES) return;
    if (atomic_exchange(&temporaries[index].state, FILLING) == FOLDER) {
        for (int i = 0; i < TEMPORARIES; i++) {
            const int state = atomic_load(&temporaries[i].state);
            if ((state == USED || state == FOLDER)
                && is_inside(temporaries[i].path, temporaries[index].path))
                atomic_store(&temporaries[i].state, FREE);
        }
    }
    atomic_store(&temporaries[index].state, FREE);
}

// MARK: Ending

// Files first, then the folders that held them, which are empty unless others put something there.
static void remove_temporaries(void) {
    for (int i = 0; i < TEMPORARIES; i++)
        if (atomic_load(&temporaries[i].state) == USED) unlink(temporaries[i].path);
    for (int i = 0; i < TEMPORARIES; i++)
        if (atomic_load(&temporaries[i].state) == FOLDER) rmdir(temporaries[i].path);
}

_Noreturn static void stop_here(void) {
    // Another thread ends the process.
    for (;;) pause();
}

static void end_by(int number) {
    remove_temporaries();
    struct sigaction standard = {0};
    standard.sa_handler = SIG_DFL;
    sigaction(number, &standard, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    raise(number);
    // Delivered here, if this is its handler.
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    _exit(128 + number);
}

void swiftlet_placing_begin(void) {
    int count = atomic_load(&placing);
    do {
        if (count < 0) stop_here();
    } while (!atomic_compare_exchange_weak(&placing, &count, count + 1));
    places = 1;
}

void swiftlet_placing_end(void) {
    places = 0;
    if (atomic_fetch_sub(&placing, 1) != 1) return;
    const int number = atomic_load(&pending);
    int none = 0;
    if (number != 0 && atomic_compare_exchange_strong(&placing, &none, -1)) end_by(number);
}

void swiftlet_end_by_signal(int number) {
    const int reason = errno;
    int none = 0;
    if (atomic_compare_exchange_strong(&placing, &none, -1)) end_by(number);
    // This may have interrupted the thread that is putting something in its place: it ends the process.
    if (none > 0) atomic_store(&pending, number);
    // It may have ended its work just before it could see the number.
    none = 0;
    if (atomic_load(&pending) != 0 && atomic_compare_exchange_strong(&placing, &none, -1))
        end_by(number);
    errno = reason;
}

static void write_all(const char *text) {
    size_t rest = strlen(text);
    while (rest > 0) {
        const ssize_t count = write(STDERR_FILENO, text, rest);
        if (count <= 0) return;
        text += count;
        rest -= (size_t)count;
    }
}

// Ends the process with three texts on stderr, from any thread, at any place.
_Noreturn static void end_with(const char *a, const char *b, const char *c) {
    const struct timespec moment = {0, 1000000};
    int none = 0;
    while (!atomic_compare_exchange_strong(&placing, &none, -1)) {
        // This thread would wait for itself: what it is placing stays under one of its names.
        if (places) break;
        if (none < 0) stop_here();
        nanosleep(&moment, NULL);
        none = 0;
    }
    if (!places) remove_temporaries();
    // A progress bar may be on the line.
    if (isatty(STDERR_FILENO)) write_all("\r\033[K");
    write_all(a);
    write_all(b);
    write_all(c);
    _exit(INPUT_OUTPUT);
}

void swiftlet_end_without_memory(size_t count) {
    char digits[24];
    char *first = digits + sizeof digits - 1;
    *first = 0;
    do {
        *--first = (char)('0' + count % 10);
        count /= 10;
    } while (count > 0);
    end_with("error: out of memory: ", first,
             " bytes were refused\nhint: use fewer threads, or raise the limit (ulimit -v)\n");
}

static void bus_error(int number, siginfo_t *info, void *context) {
    (void)context;
    // Only a fault has an address; what `kill` sends has not.
    const int is_fault = info->si_code > 0 && info->si_code < 0x10000;
    const char *name = is_fault ? swiftlet_map_name(info->si_addr) : NULL;
    if (name) end_with("error: ", name, ": has become shorter while it was read\n");
    // Not one of the mapped files: the signal comes again, as if this handler were not there.
    sigaction(number, &previous_bus, NULL);
    if (!is_fault) raise(number);
}

void swiftlet_ending_install(void) {
    struct sigaction action = {0};
    action.sa_sigaction = bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous_bus);
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction now;
        // nohup, and shells for background jobs, ignore signals on purpose.
        if (sigaction(numbers[i], NULL, &now) != 0 || now.sa_handler == SIG_IGN) continue;
        swiftlet_ending_install_for(numbers[i]);
    }
}

void swiftlet_ending_install_for(int number) {
    struct sigaction action = {0};
    action.sa_handler = swiftlet_end_by_signal;
    // Calls that the signal interrupts are repeated if the process does not end at once.
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}
