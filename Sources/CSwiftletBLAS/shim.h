// The f32 products come from OpenBLAS through the CBLAS interface.
#pragma once
#include <cblas.h>
