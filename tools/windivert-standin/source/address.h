/* WINDIVERT_ADDRESS, WinDivert 2.2: 80 bytes. Flags stand in a byte of their own, so that no compiler's order of bit-fields matters. */
#ifndef STANDIN_ADDRESS_H
#define STANDIN_ADDRESS_H

#include <stdint.h>

enum layer { LAYER_NETWORK, LAYER_NETWORK_FORWARD, LAYER_FLOW, LAYER_SOCKET, LAYER_REFLECT };

enum event
{
    EVENT_NETWORK_PACKET, EVENT_FLOW_ESTABLISHED, EVENT_FLOW_DELETED,
    EVENT_SOCKET_BIND, EVENT_SOCKET_CONNECT, EVENT_SOCKET_LISTEN, EVENT_SOCKET_ACCEPT, EVENT_SOCKET_CLOSE,
    EVENT_REFLECT_OPEN, EVENT_REFLECT_CLOSE
};

enum address_flags
{
    ADDRESS_SNIFFED = 0x01, ADDRESS_OUTBOUND = 0x02, ADDRESS_LOOPBACK = 0x04, ADDRESS_IMPOSTOR = 0x08,
    ADDRESS_IPV6 = 0x10, ADDRESS_IP_CHECKSUM = 0x20, ADDRESS_TCP_CHECKSUM = 0x40, ADDRESS_UDP_CHECKSUM = 0x80
};

/* Addresses are in host order with the least significant word first: 131.107.0.21 is { 0x836B0015, 0xFFFF, 0, 0 }. Ports are in host order. */
struct socket_data
{
    uint64_t endpoint, parent;
    uint32_t process;
    uint32_t local[4], remote[4];
    uint16_t local_port, remote_port;
    uint8_t protocol;
};

struct address
{
    int64_t timestamp;
    uint8_t layer, event, flags, reserved1;
    uint32_t reserved2;
    union
    {
        struct { uint32_t if_index, sub_if_index; } network;
        struct socket_data socket;
        uint8_t all[64];
    };
};

_Static_assert(sizeof(struct address) == 80, "WINDIVERT_ADDRESS is 80 bytes");
_Static_assert(sizeof(struct socket_data) == 64, "its socket data fill the union");

#endif
