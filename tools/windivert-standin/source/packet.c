#include "packet.h"
#include <string.h>

enum { ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58 };

uint32_t packet_length(const uint8_t *data, uint32_t room)
{
    if (room >= 20 && data[0] >> 4 == 4) return be16(data + 2);
    if (room >= 40 && data[0] >> 4 == 6) return 40u + be16(data + 4);
    return 0;
}

int packet_parse(struct packet *packet, const uint8_t *data, uint32_t length)
{
    memset(packet, 0, sizeof *packet);
    uint32_t told = packet_length(data, length);
    if (told == 0 || told > length) return 0;
    packet->ip = data;
    packet->length = told;
    packet->version = data[0] >> 4;
    packet->header = packet->version == 4 ? (data[0] & 15) * 4u : 40;
    packet->protocol = packet->version == 4 ? data[9] : data[6];
    if (packet->header < 20 || packet->header > told) return 0;
    packet->fragment = packet->version == 4 && (be16(data + 6) & 0x3FFF) != 0;
    packet->transport_length = packet->payload_length = told - packet->header;
    if (packet->version == 4 && (be16(data + 6) & 0x1FFF) != 0) return 1;

    const uint8_t *transport = data + packet->header;
    uint32_t size = 0;
    if (packet->protocol == TCP && packet->transport_length >= 20) size = (transport[12] >> 4) * 4u, packet->tcp = transport;
    else if (packet->protocol == UDP && packet->transport_length >= 8) size = 8, packet->udp = transport;
    else if ((packet->protocol == ICMP || packet->protocol == ICMPV6) && packet->transport_length >= 8) size = 8, packet->icmp = transport;
    packet->payload_length = size <= packet->transport_length ? packet->transport_length - size : 0;
    return 1;
}

static uint64_t sum_of(const uint8_t *data, uint32_t length, uint64_t sum)
{
    for (; length >= 4; data += 4, length -= 4)
    {
        uint32_t word;
        memcpy(&word, data, 4);
        sum += word;
    }

    uint32_t rest = 0;
    memcpy(&rest, data, length);
    return sum + rest;
}

static uint16_t folded(uint64_t sum)
{
    sum = (sum & 0xFFFFFFFF) + (sum >> 32);
    sum = (sum & 0xFFFFFFFF) + (sum >> 32);
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

static void complete_transport(uint8_t *data, const struct packet *packet, uint8_t *field, uint8_t pseudo)
{
    uint64_t sum = 0;
    memset(field, 0, 2);
    if (pseudo != 0)
    {
        uint8_t tail[8] = { packet->transport_length >> 24, packet->transport_length >> 16, packet->transport_length >> 8, packet->transport_length, 0, 0, 0, pseudo };
        sum = packet->version == 4 ? sum_of(data + 12, 8, 0) : sum_of(data + 8, 32, 0);
        sum = sum_of(tail, 8, sum);
    }

    uint16_t value = folded(sum_of(data + packet->header, packet->transport_length, sum));
    if (value == 0 && pseudo == UDP) value = 0xFFFF;
    memcpy(field, &value, 2);
}

void packet_complete(uint8_t *data, uint32_t length, uint8_t flags)
{
    struct packet packet;
    if (!packet_parse(&packet, data, length)) return;
    if (packet.version == 4 && !(flags & ADDRESS_IP_CHECKSUM))
    {
        memset(data + 10, 0, 2);
        uint16_t value = folded(sum_of(data, packet.header, 0));
        memcpy(data + 10, &value, 2);
    }

    if (packet.fragment) return;
    if (packet.tcp && !(flags & ADDRESS_TCP_CHECKSUM)) complete_transport(data, &packet, data + packet.header + 16, TCP);
    if (packet.udp && !(flags & ADDRESS_UDP_CHECKSUM)) complete_transport(data, &packet, data + packet.header + 6, UDP);
}
