#include "base/table.h"

uint64_t table_seed;
