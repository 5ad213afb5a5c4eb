/* One IP packet as the filter and the queues look at it. */
#ifndef STANDIN_PACKET_H
#define STANDIN_PACKET_H

#include <stddef.h>
#include <stdint.h>
#include "address.h"

struct packet
{
    const uint8_t *ip, *icmp, *tcp, *udp;
    uint32_t length, header, transport_length, payload_length;
    uint8_t version, protocol, fragment;
};

/* 0 for what is no whole IP packet. */
int packet_parse(struct packet *packet, const uint8_t *data, uint32_t length);

/* The length that the IP header tells; 0 for neither IPv4 nor IPv6. */
uint32_t packet_length(const uint8_t *data, uint32_t room);

/* Computes the checksums whose bits are not set in flags, as the driver does when it injects. */
void packet_complete(uint8_t *data, uint32_t length, uint8_t flags);

static inline uint16_t be16(const void *at) { const uint8_t *b = at; return (uint16_t)(b[0] << 8 | b[1]); }
static inline uint32_t be32(const void *at) { const uint8_t *b = at; return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]; }

#endif
