#define _GNU_SOURCE
#include "sockets.h"
#include "chain.h"
#include "owners.h"
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TCP = 6, UDP = 17, STATE_LISTEN = 10, ALL_STATES = 0xFFF, KNOWN = 2048, RECENT = 512, OWN_ADDRESSES = 64, CLOSE_ROUNDS = 20 };

/* A socket that an event told of; its end is a CLOSE. */
struct known
{
    struct socket_data data;
    uint32_t inode;
    uint8_t used, listens, seen;
};

static struct known known[KNOWN];
static int diagnostics = -1;
static int64_t last_look, last_addresses;
static uint32_t own_addresses[OWN_ADDRESSES];
static int own_count, rounds;

static int64_t milliseconds(int64_t count) { return count * clock_frequency() / 1000; }

static int open_diagnostics(void)
{
    if (diagnostics < 0) diagnostics = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    return diagnostics >= 0;
}

static int ask(int family, uint8_t protocol, uint32_t states, const struct inet_diag_sockid *exact)
{
    struct { struct nlmsghdr header; struct inet_diag_req_v2 request; } message =
    {
        .header = { .nlmsg_len = sizeof message, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (exact ? 0 : NLM_F_DUMP)) },
        .request = { .sdiag_family = (uint8_t)family, .sdiag_protocol = protocol, .idiag_states = states },
    };
    if (exact) message.request.id = *exact;
    return open_diagnostics() && send(diagnostics, &message, sizeof message, 0) == sizeof message;
}

static void write_address(uint32_t *words, int family, const uint32_t *address)
{
    memset(words, 0, 16);
    if (family == AF_INET) words[0] = ntohl(address[0]), words[1] = 0xFFFF;
    else for (int i = 0; i < 4; i++) words[i] = ntohl(address[3 - i]);
}

static struct known from_message(const struct inet_diag_msg *message, uint8_t protocol)
{
    struct known socket = { .inode = message->idiag_inode, .used = 1, .listens = protocol == TCP && message->idiag_state == STATE_LISTEN };
    write_address(socket.data.local, message->idiag_family, message->id.idiag_src);
    write_address(socket.data.remote, message->idiag_family, message->id.idiag_dst);
    if (socket.listens) memset(socket.data.remote, 0, sizeof socket.data.remote);
    socket.data.local_port = ntohs(message->id.idiag_sport);
    socket.data.remote_port = ntohs(message->id.idiag_dport);
    socket.data.protocol = protocol;
    socket.data.endpoint = (uint64_t)message->id.idiag_cookie[1] << 32 | message->id.idiag_cookie[0];
    return socket;
}

static void publish(enum event event, const struct known *socket, int loopback)
{
    struct address address = { .timestamp = clock_now(), .layer = LAYER_SOCKET, .event = (uint8_t)event, .flags = ADDRESS_SNIFFED | ADDRESS_OUTBOUND };
    if (loopback) address.flags |= ADDRESS_LOOPBACK;
    if (socket->data.local[1] != 0xFFFF) address.flags |= ADDRESS_IPV6;
    address.socket = socket->data;
    chain_publish(&address);
}

static struct known *find(uint64_t endpoint)
{
    for (int i = 0; i < KNOWN; i++)
    {
        if (known[i].used && known[i].data.endpoint == endpoint) return &known[i];
    }

    return NULL;
}

static void remember(const struct known *socket)
{
    static int next;
    for (int i = 0; i < KNOWN; i++)
    {
        if (!known[i].used) { known[i] = *socket; return; }
    }

    known[next++ % KNOWN] = *socket;
}

/* The socket that has sent the packet. UDP's exact question wants the two ends the other way round. */
static int socket_of(const struct packet *packet, struct known *socket)
{
    const uint8_t *transport = packet->tcp ? packet->tcp : packet->udp;
    uint8_t protocol = packet->tcp ? TCP : UDP;
    struct inet_diag_sockid id = { .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } };
    memcpy(protocol == TCP ? id.idiag_src : id.idiag_dst, packet->ip + 12, 4);
    memcpy(protocol == TCP ? id.idiag_dst : id.idiag_src, packet->ip + 16, 4);
    memcpy(protocol == TCP ? &id.idiag_sport : &id.idiag_dport, transport, 2);
    memcpy(protocol == TCP ? &id.idiag_dport : &id.idiag_sport, transport + 2, 2);
    uint8_t answer[4096] __attribute__((aligned(8)));
    if (!ask(AF_INET, protocol, ALL_STATES, &id)) return 0;
    ssize_t count = recv(diagnostics, answer, sizeof answer, 0);
    const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
    if (count < (ssize_t)(sizeof *header + sizeof(struct inet_diag_msg)) || header->nlmsg_type != SOCK_DIAG_BY_FAMILY) return 0;
    *socket = from_message(NLMSG_DATA(header), protocol);
    return 1;
}

/* Repeated SYNs and a UDP socket's later datagrams tell nothing new. */
static int is_new(const struct packet *packet)
{
    static struct { uint8_t ends[12]; uint32_t sequence; int64_t at; } recent[RECENT];
    static int next;
    const uint8_t *transport = packet->tcp ? packet->tcp : packet->udp;
    uint8_t ends[12];
    memcpy(ends, packet->ip + 12, 8);
    memcpy(ends + 8, transport, 4);
    uint32_t sequence = packet->tcp ? be32(packet->tcp + 4) : 0;
    int64_t now = clock_now();
    for (int i = 0; i < RECENT; i++)
    {
        if (memcmp(recent[i].ends, ends, sizeof ends) == 0 && recent[i].sequence == sequence && now - recent[i].at < milliseconds(10000)) return 0;
    }

    memcpy(recent[next].ends, ends, sizeof ends);
    recent[next].sequence = sequence;
    recent[next].at = now;
    next = (next + 1) % RECENT;
    return 1;
}

void sockets_sent(const struct packet *packet, int loopback)
{
    struct known socket;
    if (packet->version != 4 || (!packet->udp && (!packet->tcp || (packet->tcp[13] & 0x12) != 0x02)) || !is_new(packet)) return;
    if (!socket_of(packet, &socket)) return;
    write_address(socket.data.local, AF_INET, (const uint32_t[]) { htonl(be32(packet->ip + 12)) });
    write_address(socket.data.remote, AF_INET, (const uint32_t[]) { htonl(be32(packet->ip + 16)) });
    socket.data.remote_port = be16((packet->tcp ? packet->tcp : packet->udp) + 2);
    socket.data.process = owner_of(socket.inode, socket.data.local_port);
    publish(EVENT_SOCKET_CONNECT, &socket, loopback);
    if (!find(socket.data.endpoint)) remember(&socket);
}

/* A new TCP socket that listens is a LISTEN, a new UDP socket, which is in the list from its bind on, a BIND. */
static void look_at(const struct inet_diag_msg *message, uint8_t protocol, int silent)
{
    struct known socket = from_message(message, protocol), *before = find(socket.data.endpoint);
    if (socket.inode == 0) return; /* no program has it any more */
    if (before) before->seen = 1;
    if (before || (protocol == TCP && !socket.listens)) return;
    socket.seen = 1;
    if (!silent)
    {
        socket.data.process = owner_of(socket.inode, socket.data.local_port);
        publish(protocol == TCP ? EVENT_SOCKET_LISTEN : EVENT_SOCKET_BIND, &socket, socket.data.local[1] == 0xFFFF && socket.data.local[0] >> 24 == 127);
    }

    remember(&socket);
}

static int dump(int family, uint8_t protocol, uint32_t states, int silent)
{
    static uint8_t answer[65536] __attribute__((aligned(8)));
    if (!ask(family, protocol, states, NULL)) return 0;
    for (;;)
    {
        ssize_t count = recv(diagnostics, answer, sizeof answer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return 0;
        unsigned int length = (unsigned int)count;
        for (struct nlmsghdr *header = (struct nlmsghdr *)answer; NLMSG_OK(header, length); header = NLMSG_NEXT(header, length))
        {
            if (header->nlmsg_type == NLMSG_DONE) return 1;
            if (header->nlmsg_type == NLMSG_ERROR) return family == AF_INET6; /* a kernel without IPv6 */
            if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY) look_at(NLMSG_DATA(header), protocol, silent);
        }
    }
}

static void look(int silent)
{
    /* Listening sockets and those of UDP every time; the others, which may be many, now and then. */
    int all = ++rounds % CLOSE_ROUNDS == 0;
    uint32_t states = all ? ALL_STATES : 1u << STATE_LISTEN;
    for (int i = 0; i < KNOWN; i++) known[i].seen = 0;
    if (!dump(AF_INET, TCP, states, silent) || !dump(AF_INET6, TCP, states, silent)) return;
    if (!dump(AF_INET, UDP, ALL_STATES, silent) || !dump(AF_INET6, UDP, ALL_STATES, silent)) return;
    for (int i = 0; i < KNOWN; i++)
    {
        if (!known[i].used || known[i].seen || (!all && !known[i].listens && known[i].data.protocol == TCP)) continue;
        known[i].used = 0;
        if (known[i].data.process) publish(EVENT_SOCKET_CLOSE, &known[i], 0);
    }
}

void sockets_begin(void)
{
    memset(known, 0, sizeof known);
    look(1);
}

void sockets_look(void)
{
    int64_t now = clock_now();
    if (now - last_look < milliseconds(SOCKETS_INTERVAL)) return;
    last_look = now;
    look(0);
}

int sockets_own_address(uint32_t address)
{
    int64_t now = clock_now();
    if (own_count == 0 || now - last_addresses > milliseconds(1000))
    {
        struct ifaddrs *first = NULL;
        own_count = 0;
        last_addresses = now;
        if (getifaddrs(&first) == 0)
        {
            for (struct ifaddrs *each = first; each && own_count < OWN_ADDRESSES; each = each->ifa_next)
            {
                if (each->ifa_addr && each->ifa_addr->sa_family == AF_INET) own_addresses[own_count++] = ntohl(((struct sockaddr_in *)each->ifa_addr)->sin_addr.s_addr);
            }

            freeifaddrs(first);
        }
    }

    for (int i = 0; i < own_count; i++)
    {
        if (own_addresses[i] == address) return 1;
    }

    return 0;
}
