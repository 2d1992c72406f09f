/* process/descriptors: every request needs one. */
#pragma once

#include <stdint.h>

/* Asks for as many as may be had. */
void descriptors_raise(void);

/* How many requests there is room for at a time. */
uint32_t descriptors_room(void);
