#include "swiftlet_unicode.h"
