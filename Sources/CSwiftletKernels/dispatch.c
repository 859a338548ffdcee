#include "swiftlet_kernels.h"

static swiftlet_level forced = SWIFTLET_LEVEL_PORTABLE;

swiftlet_level swiftlet_level_in_use(void) { return forced; }
