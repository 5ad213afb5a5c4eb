/* Who has a socket: the process id as the Windows side knows it. */
#ifndef STANDIN_OWNERS_H
#define STANDIN_OWNERS_H

#include <stdint.h>

/* Bit 30 marks a Linux process: no id of Wine's is that large. */
enum { LINUX_PROCESS = 0x40000000 };

/* 0 for a socket that nobody has any more. */
uint32_t owner_of(uint32_t inode, uint16_t local_port);

/* The Windows side. Wine's sockets are held by its server: their owner is found by the handles that Windows programs have. 0 where there is none. */
uint32_t wine_owner(uint16_t local_port);

/* A Linux process that runs a Windows program: its Windows id by name and start, in seconds since 1970. 0 where none fits. */
uint32_t wine_process(const char *image, double started);

#endif
