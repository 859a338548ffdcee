// An allocator that ends the program when the system has no memory left (memory.c).
#pragma once

// Does nothing; whoever calls it has the allocator linked in.
void swiftlet_memory_link(void);
