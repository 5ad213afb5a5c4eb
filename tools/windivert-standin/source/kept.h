/*
 * A diverted packet is gone with the real driver. Bulk data can not go out of a raw socket (it cuts nothing), so its packet stays in the kernel's queue and
 * is found again by its timestamp, which no two packets share, when its address comes back. What does not come back within QUEUE_TIME is dropped.
 */
#ifndef STANDIN_KEPT_H
#define STANDIN_KEPT_H

#include <stdint.h>

void kept_add(int64_t timestamp, uint32_t id, int outbound);

/* 1 and the id for a packet that waits; it does not wait any more. */
int kept_take(int64_t timestamp, int outbound, uint32_t *id);

/* Drops what has waited since before the given time. */
void kept_expire(int64_t before);

/* Forgets all of it: the queues are closed. */
void kept_clear(void);

#endif
