/* Handles: who gets which packet, in which order, and what becomes of it. The calls return a Windows error code, 0 for success. */
#ifndef STANDIN_DIVERT_H
#define STANDIN_DIVERT_H

#include "address.h"
#include "codes.h"
#include "filter.h"

enum open_flags { OPEN_SNIFF = 1, OPEN_DROP = 2, OPEN_RECV_ONLY = 4, OPEN_SEND_ONLY = 8, OPEN_NO_INSTALL = 16, OPEN_FRAGMENTS = 32, OPEN_ALL = 63 };
enum { SHUTDOWN_RECV = 1, SHUTDOWN_SEND = 2, SHUTDOWN_BOTH = 3 };
enum parameter { QUEUE_LENGTH_PARAMETER, QUEUE_TIME_PARAMETER, QUEUE_SIZE_PARAMETER, VERSION_MAJOR_PARAMETER, VERSION_MINOR_PARAMETER };
enum { LARGEST_BATCH = 255, LARGEST_PACKET = 40 + 65535 };

struct handle;

enum code divert_open(struct handle **handle, const char *filter, int layer, int priority, uint64_t flags);
enum code divert_receive(struct handle *handle, uint8_t *buffer, uint32_t length, uint32_t *received, struct address *addresses, uint32_t room, uint32_t *count);
enum code divert_send(struct handle *handle, const uint8_t *data, uint32_t length, uint32_t *sent, const struct address *addresses, uint32_t count);
enum code divert_shutdown(struct handle *handle, int how);
enum code divert_close(struct handle *handle);
enum code divert_set(struct handle *handle, int parameter, uint64_t value);
enum code divert_get(struct handle *handle, int parameter, uint64_t *value);

/* The clock that timestamps are in, and its ticks a second: QueryPerformanceCounter's in the DLL. */
int64_t clock_now(void);
int64_t clock_frequency(void);

#endif
