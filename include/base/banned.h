/* base/banned: functions that have no place in this program.
 *
 * Included before every source file by the compiler's -include. Each has no bound, keeps
 * hidden state, or reports no error. The headers that declare them come first, because a
 * poisoned name may not be declared afterwards.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* With _FORTIFY_SOURCE some are macros to clang. */
#undef sprintf
#undef vsprintf
#undef strncpy
#undef strncat
#undef strcpy
#undef strcat

#pragma GCC poison strcpy strcat sprintf vsprintf strtok strncpy strncat atoi atol atoll
#pragma GCC poison gmtime localtime ctime asctime gets
