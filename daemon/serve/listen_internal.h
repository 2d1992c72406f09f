/* serve/listen: the socket that is listened on. */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"

enum { LISTEN_ADDRESS_SIZE = 128, LISTEN_PEER_SIZE = 64 };

/* A listening socket at "ADDR:PORT", or -1. */
int listen_open(const char *address, struct error *error);

/* 0 when `fd` is a listening stream socket. It is made non-blocking and close-on-exec. */
int listen_adopt(int fd, struct error *error);

/* What is listened on, as text. The port, 0 for a Unix socket. */
uint16_t listen_name(int fd, char text[static LISTEN_ADDRESS_SIZE]);

/* The address of a peer without its port, IPv4 in IPv6 as IPv4; "local" for others. */
void listen_peer(const struct sockaddr *peer, char text[static LISTEN_PEER_SIZE]);
