#include "filter.h"
#include "filter_fields.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum layers { NET = 1, FORWARD = 2, FLOW = 4, SOCK = 8, REFLECT = 16, ALL = 31, PACKETS = NET | FORWARD, ENDS = NET | FLOW | SOCK, OWNERS = FLOW | SOCK | REFLECT };

static const struct { const char *name; uint8_t field, layers; } names[] =
{
    { "zero", F_ZERO, ALL }, { "true", F_TRUE, ALL }, { "false", F_FALSE, ALL }, { "event", F_EVENT, ALL }, { "timestamp", F_TIMESTAMP, ALL },
    { "inbound", F_INBOUND, ENDS }, { "outbound", F_OUTBOUND, ENDS }, { "loopback", F_LOOPBACK, ENDS }, { "impostor", F_IMPOSTOR, PACKETS },
    { "fragment", F_FRAGMENT, PACKETS }, { "ifIdx", F_IF, PACKETS }, { "subIfIdx", F_SUBIF, PACKETS },
    { "ip", F_IP, PACKETS | FLOW | SOCK }, { "ipv6", F_IPV6, PACKETS | FLOW | SOCK }, { "icmp", F_ICMP, PACKETS | FLOW | SOCK },
    { "icmpv6", F_ICMPV6, PACKETS | FLOW | SOCK }, { "tcp", F_TCP, PACKETS | FLOW | SOCK }, { "udp", F_UDP, PACKETS | FLOW | SOCK },
    { "processId", F_PROCESS, OWNERS }, { "endpointId", F_ENDPOINT, FLOW | SOCK }, { "parentEndpointId", F_PARENT, FLOW | SOCK },
    { "localAddr", F_LOCAL_ADDR, ENDS }, { "remoteAddr", F_REMOTE_ADDR, ENDS }, { "localPort", F_LOCAL_PORT, ENDS }, { "remotePort", F_REMOTE_PORT, ENDS },
    { "protocol", F_PROTOCOL, ENDS }, { "length", F_LENGTH, PACKETS }, { "layer", F_LAYER, REFLECT }, { "priority", F_PRIORITY, REFLECT },
    { "random8", F_RANDOM8, PACKETS }, { "random16", F_RANDOM16, PACKETS }, { "random32", F_RANDOM32, PACKETS },
    { "packet", F_PACKET8, PACKETS }, { "packet16", F_PACKET16, PACKETS }, { "packet32", F_PACKET32, PACKETS },
    { "ip.HdrLength", F_IP_HDR, PACKETS }, { "ip.TOS", F_IP_TOS, PACKETS }, { "ip.Length", F_IP_LENGTH, PACKETS }, { "ip.Id", F_IP_ID, PACKETS },
    { "ip.DF", F_IP_DF, PACKETS }, { "ip.MF", F_IP_MF, PACKETS }, { "ip.FragOff", F_IP_OFFSET, PACKETS }, { "ip.TTL", F_IP_TTL, PACKETS },
    { "ip.Protocol", F_IP_PROTOCOL, PACKETS }, { "ip.Checksum", F_IP_CHECKSUM, PACKETS }, { "ip.SrcAddr", F_IP_SRC, PACKETS }, { "ip.DstAddr", F_IP_DST, PACKETS },
    { "ipv6.TrafficClass", F_IPV6_CLASS, PACKETS }, { "ipv6.FlowLabel", F_IPV6_LABEL, PACKETS }, { "ipv6.Length", F_IPV6_LENGTH, PACKETS },
    { "ipv6.NextHdr", F_IPV6_NEXT, PACKETS }, { "ipv6.HopLimit", F_IPV6_HOPS, PACKETS }, { "ipv6.SrcAddr", F_IPV6_SRC, PACKETS }, { "ipv6.DstAddr", F_IPV6_DST, PACKETS },
    { "icmp.Type", F_ICMP_TYPE, PACKETS }, { "icmp.Code", F_ICMP_CODE, PACKETS }, { "icmp.Checksum", F_ICMP_CHECKSUM, PACKETS }, { "icmp.Body", F_ICMP_BODY, PACKETS },
    { "icmpv6.Type", F_ICMPV6_TYPE, PACKETS }, { "icmpv6.Code", F_ICMPV6_CODE, PACKETS }, { "icmpv6.Checksum", F_ICMPV6_CHECKSUM, PACKETS }, { "icmpv6.Body", F_ICMPV6_BODY, PACKETS },
    { "tcp.SrcPort", F_TCP_SRC, PACKETS }, { "tcp.DstPort", F_TCP_DST, PACKETS }, { "tcp.SeqNum", F_TCP_SEQ, PACKETS }, { "tcp.AckNum", F_TCP_ACKNUM, PACKETS },
    { "tcp.HdrLength", F_TCP_HDR, PACKETS }, { "tcp.Urg", F_TCP_URG, PACKETS }, { "tcp.Ack", F_TCP_ACK, PACKETS }, { "tcp.Psh", F_TCP_PSH, PACKETS },
    { "tcp.Rst", F_TCP_RST, PACKETS }, { "tcp.Syn", F_TCP_SYN, PACKETS }, { "tcp.Fin", F_TCP_FIN, PACKETS }, { "tcp.Window", F_TCP_WINDOW, PACKETS },
    { "tcp.Checksum", F_TCP_CHECKSUM, PACKETS }, { "tcp.UrgPtr", F_TCP_URGPTR, PACKETS }, { "tcp.PayloadLength", F_TCP_PAYLOAD, PACKETS },
    { "udp.SrcPort", F_UDP_SRC, PACKETS }, { "udp.DstPort", F_UDP_DST, PACKETS }, { "udp.Length", F_UDP_LENGTH, PACKETS },
    { "udp.Checksum", F_UDP_CHECKSUM, PACKETS }, { "udp.PayloadLength", F_UDP_PAYLOAD, PACKETS },
};

static const struct { const char *name; uint8_t layers; uint32_t value; } constants[] =
{
    { "PACKET", PACKETS, EVENT_NETWORK_PACKET }, { "ESTABLISHED", FLOW, EVENT_FLOW_ESTABLISHED }, { "DELETED", FLOW, EVENT_FLOW_DELETED },
    { "BIND", SOCK, EVENT_SOCKET_BIND }, { "CONNECT", SOCK, EVENT_SOCKET_CONNECT }, { "LISTEN", SOCK, EVENT_SOCKET_LISTEN },
    { "ACCEPT", SOCK, EVENT_SOCKET_ACCEPT }, { "CLOSE", SOCK, EVENT_SOCKET_CLOSE },
    { "OPEN", REFLECT, EVENT_REFLECT_OPEN }, { "CLOSE", REFLECT, EVENT_REFLECT_CLOSE },
    { "NETWORK", REFLECT, LAYER_NETWORK }, { "NETWORK_FORWARD", REFLECT, LAYER_NETWORK_FORWARD }, { "FLOW", REFLECT, LAYER_FLOW },
    { "SOCKET", REFLECT, LAYER_SOCKET }, { "REFLECT", REFLECT, LAYER_REFLECT },
    { "TCP", ALL, 6 }, { "UDP", ALL, 17 }, { "ICMP", ALL, 1 }, { "ICMPV6", ALL, 58 }, { "TRUE", ALL, 1 }, { "FALSE", ALL, 0 },
};

struct parser
{
    struct filter *filter;
    const char *text, *at, *error, *error_at;
    uint8_t layers;
    char token[LARGEST_TOKEN + 1];
};

static int fail(struct parser *parser, const char *error)
{
    if (parser->error == NULL) parser->error = error, parser->error_at = parser->at;
    return -1;
}

static int is_word(char c) { return isalnum((unsigned char)c) || c == '.' || c == '_' || c == ':'; }

/* 'a? b: c' has a colon of its own behind a word: one that no part of an address follows ends the word. */
static int word_goes_on(const char *at)
{
    if (!is_word(*at)) return 0;
    return *at != ':' || at[1] == ':' || isxdigit((unsigned char)at[1]) || at[-1] == ':';
}

/* Looks at the next token without taking it; its length, 0 at the end. */
static int peek(struct parser *parser)
{
    while (isspace((unsigned char)*parser->at)) parser->at++;
    const char *at = parser->at;
    if (*at == 0) return parser->token[0] = 0;
    int length = 1;
    if (is_word(*at) && (*at != ':' || at[1] == ':'))
    {
        while (word_goes_on(at + length)) length++;
    }
    else if ((at[1] == '=' && strchr("=!<>", *at)) || (at[0] == '&' && at[1] == '&') || (at[0] == '|' && at[1] == '|')) length = 2;
    else if (!strchr("()!?:=<>[]", *at)) { fail(parser, "a character that no filter has"); return parser->token[0] = 0; }
    if (length > LARGEST_TOKEN) { fail(parser, "a word of more than 39 characters"); return parser->token[0] = 0; }
    memcpy(parser->token, at, (size_t)length);
    parser->token[length] = 0;
    return length;
}

static int is(struct parser *parser, const char *text) { return peek(parser) && strcmp(parser->token, text) == 0; }

static int take(struct parser *parser, const char *text)
{
    if (!is(parser, text)) return 0;
    parser->at += strlen(text);
    return 1;
}

static int add(struct parser *parser, struct node node)
{
    struct filter *filter = parser->filter;
    if (node.kind == KIND_TEST && ++filter->tests > LARGEST_FILTER) return fail(parser, "more than 255 tests");
    if (filter->count == sizeof filter->nodes / sizeof filter->nodes[0]) return fail(parser, "more than 255 tests");
    filter->nodes[filter->count] = node;
    return filter->count++;
}

static int parse_value(struct parser *parser, wide *value)
{
    if (!peek(parser)) return fail(parser, "a value is missing");
    const char *token = parser->token;
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
    {
        if (strcmp(constants[i].name, token) || !(constants[i].layers & parser->layers)) continue;
        *value = constants[i].value;
        return 1;
    }

    uint8_t address[16];
    char *end;
    if (strchr(token, ':'))
    {
        if (inet_pton(AF_INET6, token, address) != 1) return fail(parser, "no IPv6 address");
        *value = 0;
        for (int i = 0; i < 16; i++) *value = *value << 8 | address[i];
        return 1;
    }

    if (strchr(token, '.'))
    {
        if (inet_pton(AF_INET, token, address) != 1) return fail(parser, "no IPv4 address");
        *value = (wide)0xFFFF << 32 | be32(address);
        return 1;
    }

    if (!isdigit((unsigned char)*token)) return fail(parser, "no value");
    errno = 0;
    *value = strtoull(token, &end, strncmp(token, "0x", 2) == 0 ? 16 : 10);
    return *end == 0 && errno == 0 ? 1 : fail(parser, "no number");
}

static int parse_test(struct parser *parser)
{
    struct node node = { .kind = KIND_TEST };
    while (take(parser, "not") || take(parser, "!")) node.negated ^= 1;
    if (!peek(parser)) return fail(parser, "a test is missing");
    size_t i = 0, count = sizeof names / sizeof names[0];
    while (i < count && strcmp(names[i].name, parser->token) != 0) i++;
    if (i == count) return fail(parser, "no field of that name");
    if (!(names[i].layers & parser->layers)) return fail(parser, "a field that this layer does not have");
    node.field = names[i].field;
    parser->at += strlen(parser->token);

    if (node.field >= F_PACKET8 && node.field <= F_PACKET32)
    {
        wide index;
        if (!take(parser, "[")) return fail(parser, "'[' is missing");
        if (parse_value(parser, &index) < 0) return -1;
        parser->at += strlen(parser->token);
        if (!take(parser, "]")) return fail(parser, "']' is missing");
        node.index = (uint32_t)index;
    }

    static const char *const operators[] = { "", "==", "!=", "<", "<=", ">", ">=" };
    node.operator = is(parser, "=") ? EQUAL : IS_SET;
    for (uint8_t o = EQUAL; o <= GREATER_EQUAL; o++)
    {
        if (is(parser, operators[o])) node.operator = o;
    }

    if (node.operator != IS_SET)
    {
        parser->at += strlen(parser->token);
        if (parse_value(parser, &node.value) < 0) return -1;
        parser->at += strlen(parser->token);
    }

    return add(parser, node);
}

static int parse_or(struct parser *parser);

static int parse_unit(struct parser *parser)
{
    if (!take(parser, "(")) return parse_test(parser);
    int condition = parse_or(parser);
    if (condition < 0) return -1;
    if (take(parser, "?"))
    {
        int yes = parse_or(parser);
        if (yes < 0) return -1;
        if (!take(parser, ":")) return fail(parser, "':' is missing");
        int no = parse_or(parser);
        if (no < 0) return -1;
        condition = add(parser, (struct node) { .kind = KIND_IF, .left = (uint16_t)condition, .right = (uint16_t)yes, .third = (uint16_t)no });
        if (condition < 0) return -1;
    }

    return take(parser, ")") ? condition : fail(parser, "')' is missing");
}

static int parse_chain(struct parser *parser, int (*part)(struct parser *), const char *word, const char *sign, uint8_t kind)
{
    int left = part(parser);
    while (left >= 0 && (take(parser, word) || take(parser, sign)))
    {
        int right = part(parser);
        if (right < 0) return -1;
        left = add(parser, (struct node) { .kind = kind, .left = (uint16_t)left, .right = (uint16_t)right });
    }

    return left;
}

static int parse_and(struct parser *parser) { return parse_chain(parser, parse_unit, "and", "&&", KIND_AND); }

static int parse_or(struct parser *parser) { return parse_chain(parser, parse_and, "or", "||", KIND_OR); }

int filter_parse(struct filter *filter, const char *text, enum layer layer, const char **error, uint32_t *position)
{
    struct parser parser = { .filter = filter, .text = text, .at = text, .layers = (uint8_t)(1 << layer) };
    memset(filter, 0, sizeof *filter);
    int root = parse_or(&parser);
    if (root >= 0 && (peek(&parser) || parser.error)) root = fail(&parser, "the filter should end here");
    if (root >= 0)
    {
        filter->root = (uint16_t)root;
        return 1;
    }

    if (error) *error = parser.error;
    if (position) *position = (uint32_t)(parser.error_at - text);
    return 0;
}
