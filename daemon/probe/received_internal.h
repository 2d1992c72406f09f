/* probe/received: how much has come over a connection, as the kernel counts it.
 *
 * In a file of its own because the kernel's struct tcp_info, which knows, and libc's
 * older one, which comes with uv.h, exclude each other.
 */
#pragma once

#include <stdint.h>

/* Bytes received over a TCP socket, and one for the end of the stream; 0 if unknown. */
uint64_t received_bytes(int fd);
