/* Where SOCKET events come from: CONNECT from a program's first packet, LISTEN and CLOSE from looking at the kernel's list of sockets. */
#ifndef STANDIN_SOCKETS_H
#define STANDIN_SOCKETS_H

#include "packet.h"

/* A packet that a program sends: the first one of a connection, or of a UDP socket to a peer, is its CONNECT. */
void sockets_sent(const struct packet *packet, int loopback);

/* Looks at the list, some milliseconds after the last time at the earliest. */
void sockets_look(void);

/* What is there when the first handle opens is no event. */
void sockets_begin(void);

/* 1 for an address of this machine. */
int sockets_own_address(uint32_t address);

enum { SOCKETS_INTERVAL = 5 /* ms */ };

#endif
