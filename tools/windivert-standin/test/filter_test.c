/* The filter language against the facts of WinDivert's documentation: what must not parse, and what matches which packet. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "../source/filter.h"

static int failures;

static void check(int good, const char *what, const char *filter)
{
    if (good) return;
    printf("filter-test: %s: %s\n", what, filter);
    failures++;
}

static void parses(int wanted, enum layer layer, const char *text)
{
    static struct filter filter;
    const char *error = NULL;
    uint32_t position;
    check(filter_parse(&filter, text, layer, &error, &position) == wanted, wanted ? error ? error : "does not parse" : "parses", text);
}

static uint32_t make(uint8_t *data, uint8_t protocol, const char *source, uint16_t source_port, const char *target, uint16_t target_port)
{
    uint32_t length = protocol == 6 ? 40 : 28;
    memset(data, 0, length);
    data[0] = 0x45, data[3] = (uint8_t)length, data[8] = 64, data[9] = protocol;
    inet_pton(AF_INET, source, data + 12);
    inet_pton(AF_INET, target, data + 16);
    data[20] = source_port >> 8, data[21] = (uint8_t)source_port, data[22] = target_port >> 8, data[23] = (uint8_t)target_port;
    if (protocol == 6) data[32] = 0x50, data[33] = 0x02;
    return length;
}

static void matches(int wanted, const char *text, int outbound, uint8_t protocol, const char *source, uint16_t source_port, const char *target, uint16_t target_port)
{
    static struct filter filter;
    uint8_t data[64];
    struct packet packet;
    struct address address = { .layer = LAYER_NETWORK, .flags = outbound ? ADDRESS_OUTBOUND : 0 };
    uint32_t length = make(data, protocol, source, source_port, target, target_port);
    check(filter_parse(&filter, text, LAYER_NETWORK, NULL, NULL), "does not parse", text);
    check(packet_parse(&packet, data, length), "no packet", text);
    check(filter_matches(&filter, &packet, &address) == wanted, wanted ? "should match" : "should not match", text);
}

static void grammar(void)
{
    parses(1, LAYER_NETWORK, "true");
    parses(1, LAYER_NETWORK, "tcp and (udp or icmp) && !loopback || inbound");
    parses(1, LAYER_NETWORK, "(udp? udp.DstPort != 53: true)");
    parses(1, LAYER_NETWORK, "(tcp? false: true) and packet[33] == 2 and random8 < 128");
    parses(1, LAYER_NETWORK, "remoteAddr < fc00:: and (remoteAddr >= ::ffff:10.0.0.0 or tcp.Syn)");
    parses(1, LAYER_SOCKET, "event == CONNECT and !loopback and processId != 4242 and processId != 4");
    parses(1, LAYER_SOCKET, "event == BIND or event == CONNECT or event == LISTEN or event == ACCEPT or event == CLOSE");
    parses(0, LAYER_NETWORK, "");
    parses(0, LAYER_NETWORK, "tcp AND udp");
    parses(0, LAYER_NETWORK, "tcp.dstport == 53");
    parses(0, LAYER_NETWORK, "not (tcp or udp)");
    parses(0, LAYER_NETWORK, "processId == 4");
    parses(0, LAYER_SOCKET, "tcp.DstPort == 53");
    parses(0, LAYER_NETWORK, "remoteAddr == 10.0.0.0/8");
    parses(0, LAYER_NETWORK, "tcp tcp");
    parses(0, LAYER_NETWORK, "remoteAddr == 1111111111111111111111111111111111111111");

    char text[8192] = "tcp";
    for (int i = 1; i < 255; i++) strcat(text, " and tcp");
    parses(1, LAYER_NETWORK, text);
    strcat(text, " and tcp");
    parses(0, LAYER_NETWORK, text);
}

static void meaning(void)
{
    const char *client = "192.168.0.2", *server = "131.107.0.21", *firewall = "192.168.0.1";
    const char *narrow =
        "!loopback and ((outbound and ((tcp and (remoteAddr < 192.168.0.0 or remoteAddr > 192.168.255.255) and remoteAddr < fc00::) or udp.DstPort == 53))"
        " or (inbound and (tcp or udp) and remoteAddr == 192.168.0.1 and remotePort != 1745))";
    matches(1, narrow, 1, 6, client, 1516, server, 21);
    matches(0, narrow, 1, 6, client, 1516, firewall, 1745);
    matches(0, narrow, 1, 17, client, 1516, server, 54);
    matches(1, narrow, 1, 17, client, 1516, server, 53);
    matches(1, narrow, 0, 6, firewall, 6789, client, 1516);
    matches(0, narrow, 0, 6, firewall, 1745, client, 1516);
    matches(0, narrow, 0, 6, server, 21, client, 1516);
    matches(1, "tcp or udp and udp", 1, 6, client, 1, server, 2);
    matches(0, "(tcp or udp) and udp", 1, 6, client, 1, server, 2);
    matches(0, "udp.DstPort != 53", 1, 6, client, 1, server, 2);
    matches(0, "!udp.DstPort == 53", 1, 6, client, 1, server, 2);
    matches(1, "!udp.DstPort == 53", 1, 17, client, 1, server, 2);
    matches(1, "(udp? udp.DstPort != 53: true)", 1, 6, client, 1, server, 2);
    matches(1, "localPort == 1 and remotePort == 2 and localAddr == 192.168.0.2 and protocol == TCP", 1, 6, client, 1, server, 2);
    matches(1, "localPort == 2 and remotePort == 1 and remoteAddr == 192.168.0.2", 0, 6, client, 1, server, 2);
    matches(1, "ip.SrcAddr == 192.168.0.2 and ip.DstAddr == 131.107.0.21 and tcp.Syn and not tcp.Ack and ip and !ipv6", 1, 6, client, 1, server, 2);
}

static void socket_events(void)
{
    static struct filter filter;
    struct address address = { .layer = LAYER_SOCKET, .event = EVENT_SOCKET_CONNECT, .flags = ADDRESS_OUTBOUND };
    address.socket = (struct socket_data) { .process = 7, .remote = { 0x836B0015, 0xFFFF }, .remote_port = 21, .protocol = 6 };
    const char *text = "event == CONNECT and tcp and processId != 4 and remoteAddr == 131.107.0.21 and remotePort == 21";
    check(filter_parse(&filter, text, LAYER_SOCKET, NULL, NULL) && filter_matches(&filter, NULL, &address), "should match", text);
    text = "ip and event == CONNECT"; /* compiles, and never fires */
    check(filter_parse(&filter, text, LAYER_SOCKET, NULL, NULL) && !filter_matches(&filter, NULL, &address), "should not match", text);
}

static void checksums(void)
{
    uint8_t data[64], copy[64];
    uint32_t length = make(data, 6, "192.168.0.2", 1516, "131.107.0.21", 21);
    packet_complete(data, length, 0);
    memcpy(copy, data, length);
    memset(copy + 10, 0, 2);
    packet_complete(copy, length, ADDRESS_TCP_CHECKSUM);
    check(memcmp(copy, data, length) == 0, "the IP checksum alone is completed", "");
    uint32_t sum = 6 + 20;
    for (uint32_t i = 12; i < length; i += 2) sum += be16(data + i);
    while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
    check(sum == 0xFFFF, "the TCP checksum is right", "");
}

int main(void)
{
    grammar();
    meaning();
    socket_events();
    checksums();
    printf("filter-test: %s\n", failures ? "failed" : "passed");
    return failures != 0;
}
