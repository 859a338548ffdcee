// How the process ends early without leaving half-made files (ending.c).
#pragma once
#include <stddef.h>
#include <stdint.h>

// MARK: Mapped files

// Remembers which file is mapped at an address, for messages. Returns the entry; -1 if there is no room,
// in which case no message names the file.
int swiftlet_map_register(const void *start, size_t count, const char *name);
void swiftlet_map_forget(int entry);
// The name of the file that is mapped at an address; NULL if none is.
const char *swiftlet_map_name(const void *address);

// MARK: Temporary files and folders

// Remembers something to remove if the process ends early. Returns the entry; -1 if there is no room, in
// which case it stays.
int swiftlet_temporary_register(const char *path, int is_folder);
// A temporary file has got its name: it stays, unless that name is in a temporary folder.
void swiftlet_temporary_placed(int entry, const char *path);
// A temporary file or folder is gone, or has got its name, and with it all that is in it.
void swiftlet_temporary_forget(int entry);

// Encloses a rename and what tells these tables about it, so that the process does not end between the
// two. Must not be nested, and must not read mapped files. Does not return if the process is ending.
void swiftlet_placing_begin(void);
void swiftlet_placing_end(void);

// MARK: Ending

// Makes a read beyond the new end of a mapped file that was truncated an error message and exit status
// 74, and signals that end the process remove temporary files first. For programs, not for libraries.
void swiftlet_ending_install(void);
// Lets one signal end the process in that way.
void swiftlet_ending_install_for(int number);
// Removes temporary files and ends the process by a signal; a signal handler itself.
void swiftlet_end_by_signal(int number);
// Ends the process because the system refused `count` bytes.
_Noreturn void swiftlet_end_without_memory(size_t count);
