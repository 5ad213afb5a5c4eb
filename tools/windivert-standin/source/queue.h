/* Two netfilter queues on one netlink socket, and the raw socket that puts packets of our own on the way. IPv4. */
#ifndef STANDIN_QUEUE_H
#define STANDIN_QUEUE_H

#include <stdint.h>
#include "packet.h"

/* Numbers of our own ("WD", "WE"), so that neither the redirector's Linux build nor anybody else has them. The rules that fill them are the lab's. */
enum { QUEUE_OUTBOUND = 0x5744, QUEUE_INBOUND = 0x5745, QUEUE_MARK = 0x2000, QUEUE_BATCH = 32 };

/* A packet in the kernel's hands that waits for its verdict. The bytes are valid until the next queue_read. */
struct queued
{
    uint32_t id, if_index, mark, length;
    const uint8_t *data;
    uint8_t outbound, checksum_missing;
};

/* 0 or an errno. The socket is one for the process: a queue has one reader. */
int queue_open(void);
void queue_close(void);
int queue_descriptor(void);

/* Reads what is there, without waiting; 0 for nothing. */
int queue_read(struct queued *packets);

/* From now on the kernel lets new packets pass by themselves; those that wait can still be answered. */
void queue_pass_new(void);
void queue_pass_again(void);

/* Verdicts are packed, several in one message; queue_flush hands them over. data null: as it came. It must live until then. */
void queue_accept(uint32_t id, int outbound, const uint8_t *data, uint32_t length);
void queue_drop(uint32_t id, int outbound);
void queue_flush(void);

/* A whole packet out of the raw socket; marked, so that the rules leave it alone. */
void queue_inject(const uint8_t *data, uint32_t length);

#endif
