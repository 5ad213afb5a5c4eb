#include "filter.h"
#include "filter_fields.h"
#include <stdlib.h>

int filter_is_false(const struct filter *filter)
{
    const struct node *root = &filter->nodes[filter->root];
    return root->kind == KIND_TEST && root->operator == IS_SET && !root->negated && root->field == F_FALSE;
}

static wide mapped(uint32_t address) { return (wide)0xFFFF << 32 | address; }

static wide from_bytes(const uint8_t *bytes)
{
    wide value = 0;
    for (int i = 0; i < 16; i++) value = value << 8 | bytes[i];
    return value;
}

static wide from_words(const uint32_t *words) { return (wide)words[3] << 96 | (wide)words[2] << 64 | (wide)words[1] << 32 | words[0]; }

/* A field of a socket event; 0 where it is absent. */
static int event_value(const struct node *node, const struct address *address, wide *value)
{
    const struct socket_data *socket = &address->socket;
    switch (node->field)
    {
        case F_PROCESS: *value = socket->process; return 1;
        case F_ENDPOINT: *value = socket->endpoint; return 1;
        case F_PARENT: *value = socket->parent; return 1;
        case F_LOCAL_ADDR: *value = from_words(socket->local); return 1;
        case F_REMOTE_ADDR: *value = from_words(socket->remote); return 1;
        case F_LOCAL_PORT: *value = socket->local_port; return 1;
        case F_REMOTE_PORT: *value = socket->remote_port; return 1;
        case F_PROTOCOL: *value = socket->protocol; return 1;
        case F_TCP: *value = socket->protocol == 6; return 1;
        case F_UDP: *value = socket->protocol == 17; return 1;
        case F_ICMP: *value = socket->protocol == 1; return 1;
        case F_ICMPV6: *value = socket->protocol == 58; return 1;
        default: *value = 0; return 1; /* 'ip' and 'ipv6' are 0 at this layer in 2.2.2, whatever the event is */
    }
}

static int bytes_at(const struct packet *packet, uint32_t index, uint32_t size, wide *value)
{
    if (index + size > packet->length) return 0;
    *value = size == 1 ? packet->ip[index] : size == 2 ? be16(packet->ip + index) : be32(packet->ip + index);
    return 1;
}

static int address_value(const struct packet *packet, int first, wide *value)
{
    if (packet->version == 4) *value = mapped(be32(packet->ip + (first ? 12 : 16)));
    else *value = from_bytes(packet->ip + (first ? 8 : 24));
    return 1;
}

static int port_value(const struct packet *packet, int first, wide *value)
{
    const uint8_t *transport = packet->tcp ? packet->tcp : packet->udp;
    if (transport) *value = be16(transport + (first ? 0 : 2));
    else if (packet->icmp) *value = first ? packet->icmp[0] : packet->icmp[1];
    else return 0;
    return 1;
}

static int ip_value(const struct node *node, const struct packet *packet, wide *value)
{
    const uint8_t *ip = packet->ip;
    switch (node->field)
    {
        case F_IP_HDR: *value = ip[0] & 15; return 1;
        case F_IP_TOS: *value = ip[1]; return 1;
        case F_IP_LENGTH: *value = be16(ip + 2); return 1;
        case F_IP_ID: *value = be16(ip + 4); return 1;
        case F_IP_DF: *value = ip[6] >> 6 & 1; return 1;
        case F_IP_MF: *value = ip[6] >> 5 & 1; return 1;
        case F_IP_OFFSET: *value = be16(ip + 6) & 0x1FFF; return 1;
        case F_IP_TTL: *value = ip[8]; return 1;
        case F_IP_PROTOCOL: *value = ip[9]; return 1;
        case F_IP_CHECKSUM: *value = be16(ip + 10); return 1;
        case F_IP_SRC: *value = mapped(be32(ip + 12)); return 1;
        case F_IP_DST: *value = mapped(be32(ip + 16)); return 1;
        case F_IPV6_CLASS: *value = be16(ip) >> 4 & 0xFF; return 1;
        case F_IPV6_LABEL: *value = be32(ip) & 0xFFFFF; return 1;
        case F_IPV6_LENGTH: *value = be16(ip + 4); return 1;
        case F_IPV6_NEXT: *value = ip[6]; return 1;
        case F_IPV6_HOPS: *value = ip[7]; return 1;
        case F_IPV6_SRC: *value = from_bytes(ip + 8); return 1;
        default: *value = from_bytes(ip + 24); return 1;
    }
}

static int transport_value(const struct node *node, const struct packet *packet, wide *value)
{
    const uint8_t *tcp = packet->tcp, *udp = packet->udp, *icmp = packet->icmp;
    switch (node->field)
    {
        case F_ICMP_TYPE: case F_ICMPV6_TYPE: *value = icmp[0]; return 1;
        case F_ICMP_CODE: case F_ICMPV6_CODE: *value = icmp[1]; return 1;
        case F_ICMP_CHECKSUM: case F_ICMPV6_CHECKSUM: *value = be16(icmp + 2); return 1;
        case F_ICMP_BODY: case F_ICMPV6_BODY: *value = be32(icmp + 4); return 1;
        case F_TCP_SRC: *value = be16(tcp); return 1;
        case F_TCP_DST: *value = be16(tcp + 2); return 1;
        case F_TCP_SEQ: *value = be32(tcp + 4); return 1;
        case F_TCP_ACKNUM: *value = be32(tcp + 8); return 1;
        case F_TCP_HDR: *value = tcp[12] >> 4; return 1;
        case F_TCP_URG: *value = tcp[13] >> 5 & 1; return 1;
        case F_TCP_ACK: *value = tcp[13] >> 4 & 1; return 1;
        case F_TCP_PSH: *value = tcp[13] >> 3 & 1; return 1;
        case F_TCP_RST: *value = tcp[13] >> 2 & 1; return 1;
        case F_TCP_SYN: *value = tcp[13] >> 1 & 1; return 1;
        case F_TCP_FIN: *value = tcp[13] & 1; return 1;
        case F_TCP_WINDOW: *value = be16(tcp + 14); return 1;
        case F_TCP_CHECKSUM: *value = be16(tcp + 16); return 1;
        case F_TCP_URGPTR: *value = be16(tcp + 18); return 1;
        case F_UDP_SRC: *value = be16(udp); return 1;
        case F_UDP_DST: *value = be16(udp + 2); return 1;
        case F_UDP_LENGTH: *value = be16(udp + 4); return 1;
        case F_UDP_CHECKSUM: *value = be16(udp + 6); return 1;
        default: *value = packet->payload_length; return 1;
    }
}

/* A field of a packet; 0 where its header is absent: then the test is false, whatever it asks. */
static int packet_value(const struct node *node, const struct packet *packet, const struct address *address, wide *value)
{
    int outbound = (address->flags & ADDRESS_OUTBOUND) != 0, field = node->field;
    switch (field)
    {
        case F_IMPOSTOR: *value = (address->flags & ADDRESS_IMPOSTOR) != 0; return 1;
        case F_FRAGMENT: *value = packet->fragment; return 1;
        case F_IF: *value = address->network.if_index; return 1;
        case F_SUBIF: *value = address->network.sub_if_index; return 1;
        case F_IP: *value = packet->version == 4; return 1;
        case F_IPV6: *value = packet->version == 6; return 1;
        case F_ICMP: *value = packet->icmp && packet->protocol == 1; return 1;
        case F_ICMPV6: *value = packet->icmp && packet->protocol == 58; return 1;
        case F_TCP: *value = packet->tcp != NULL; return 1;
        case F_UDP: *value = packet->udp != NULL; return 1;
        case F_LOCAL_ADDR: return address_value(packet, outbound, value);
        case F_REMOTE_ADDR: return address_value(packet, !outbound, value);
        case F_LOCAL_PORT: return port_value(packet, outbound, value);
        case F_REMOTE_PORT: return port_value(packet, !outbound, value);
        case F_PROTOCOL: *value = packet->protocol; return 1;
        case F_LENGTH: *value = packet->length; return 1;
        case F_RANDOM8: *value = (uint8_t)random(); return 1;
        case F_RANDOM16: *value = (uint16_t)random(); return 1;
        case F_RANDOM32: *value = (uint32_t)(random() << 16 ^ random()); return 1;
        case F_PACKET8: return bytes_at(packet, node->index, 1, value);
        case F_PACKET16: return bytes_at(packet, node->index, 2, value);
        case F_PACKET32: return bytes_at(packet, node->index, 4, value);
        default: break;
    }

    if (field >= F_IP_HDR && field <= F_IP_DST) return packet->version == 4 && ip_value(node, packet, value);
    if (field >= F_IPV6_CLASS && field <= F_IPV6_DST) return packet->version == 6 && ip_value(node, packet, value);
    if (field >= F_ICMP_TYPE && field <= F_ICMP_BODY) return packet->icmp && packet->protocol == 1 && transport_value(node, packet, value);
    if (field >= F_ICMPV6_TYPE && field <= F_ICMPV6_BODY) return packet->icmp && packet->protocol == 58 && transport_value(node, packet, value);
    if (field >= F_TCP_SRC && field <= F_TCP_PAYLOAD) return packet->tcp && transport_value(node, packet, value);
    return packet->udp && transport_value(node, packet, value);
}

static int field_value(const struct node *node, const struct packet *packet, const struct address *address, wide *value)
{
    switch (node->field)
    {
        case F_ZERO: case F_FALSE: *value = 0; return 1;
        case F_TRUE: *value = 1; return 1;
        case F_EVENT: *value = address->event; return 1;
        case F_LAYER: *value = address->layer; return 1;
        case F_TIMESTAMP: *value = (wide)address->timestamp; return 1;
        case F_INBOUND: *value = (address->flags & ADDRESS_OUTBOUND) == 0; return 1;
        case F_OUTBOUND: *value = (address->flags & ADDRESS_OUTBOUND) != 0; return 1;
        case F_LOOPBACK: *value = (address->flags & ADDRESS_LOOPBACK) != 0; return 1;
        default: return packet ? packet_value(node, packet, address, value) : event_value(node, address, value);
    }
}

static int holds(const struct node *node, const struct packet *packet, const struct address *address)
{
    wide value;
    if (!field_value(node, packet, address, &value)) return 0;
    int result;
    switch (node->operator)
    {
        case EQUAL: result = value == node->value; break;
        case NOT_EQUAL: result = value != node->value; break;
        case LESS: result = value < node->value; break;
        case LESS_EQUAL: result = value <= node->value; break;
        case GREATER: result = value > node->value; break;
        case GREATER_EQUAL: result = value >= node->value; break;
        default: result = value != 0; break;
    }

    return result != node->negated;
}

static int evaluate(const struct filter *filter, uint16_t index, const struct packet *packet, const struct address *address)
{
    const struct node *node = &filter->nodes[index];
    switch (node->kind)
    {
        case KIND_AND: return evaluate(filter, node->left, packet, address) && evaluate(filter, node->right, packet, address);
        case KIND_OR: return evaluate(filter, node->left, packet, address) || evaluate(filter, node->right, packet, address);
        case KIND_IF: return evaluate(filter, node->left, packet, address) ? evaluate(filter, node->right, packet, address) : evaluate(filter, node->third, packet, address);
        default: return holds(node, packet, address);
    }
}

int filter_matches(const struct filter *filter, const struct packet *packet, const struct address *address) { return evaluate(filter, filter->root, packet, address); }
