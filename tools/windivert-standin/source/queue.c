#define _GNU_SOURCE
#include "queue.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
    SLOT = 65536 + 1024,             /* the largest payload of an attribute, and the attributes before it */
    QUEUE_LENGTH = 16384,            /* packets that may wait in the kernel: the driver's own bound */
    RECEIVE_BUFFER = 64 << 20, SEND_BUFFER = 16 << 20,
    VERDICTS = 64, HEAD = 40
};

static int netlink = -1, raw = -1;
static uint8_t *slots;
static struct mmsghdr messages[QUEUE_BATCH];
static struct iovec slot_vectors[QUEUE_BATCH];
static uint8_t heads[VERDICTS][HEAD + 4];
static struct iovec vectors[VERDICTS * 3];
static int verdicts, vector_count;
static uint32_t last_id[2];

static uint16_t number_of(int outbound) { return outbound ? QUEUE_OUTBOUND : QUEUE_INBOUND; }

static uint8_t *begin(uint8_t *at, uint16_t type, uint16_t flags, uint16_t queue)
{
    *(struct nlmsghdr *)at = (struct nlmsghdr) { .nlmsg_len = 20, .nlmsg_type = (uint16_t)(NFNL_SUBSYS_QUEUE << 8 | type), .nlmsg_flags = flags };
    *(struct nfgenmsg *)(at + 16) = (struct nfgenmsg) { .res_id = htons(queue) };
    return at;
}

static void attribute(uint8_t *message, uint16_t type, const void *value, uint16_t length)
{
    struct nlmsghdr *header = (struct nlmsghdr *)message;
    *(struct nlattr *)(message + header->nlmsg_len) = (struct nlattr) { .nla_len = (uint16_t)(4 + length), .nla_type = type };
    memcpy(message + header->nlmsg_len + 4, value, length);
    header->nlmsg_len += 4u + ((length + 3u) & ~3u);
}

/* Asks and waits for the kernel's answer; 0 or an errno. */
static int request(uint8_t *message)
{
    uint8_t answer[256];
    if (send(netlink, message, ((struct nlmsghdr *)message)->nlmsg_len, 0) < 0) return errno;
    for (;;)
    {
        ssize_t count = recv(netlink, answer, sizeof answer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (((struct nlmsghdr *)answer)->nlmsg_type == NLMSG_ERROR) return -((struct nlmsgerr *)(answer + 16))->error;
    }
}

static uint8_t *length_request(uint8_t *message, uint16_t queue, uint32_t length, uint32_t flags, int acknowledge)
{
    uint32_t value = htonl(length), mask = htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN), on = htonl(flags);
    begin(message, NFQNL_MSG_CONFIG, (uint16_t)(NLM_F_REQUEST | (acknowledge ? NLM_F_ACK : 0)), queue);
    attribute(message, NFQA_CFG_QUEUE_MAXLEN, &value, 4);
    attribute(message, NFQA_CFG_MASK, &mask, 4);
    attribute(message, NFQA_CFG_FLAGS, &on, 4);
    return message;
}

static int bind_queue(uint16_t queue)
{
    uint8_t message[128] __attribute__((aligned(4)));
    struct nfqnl_msg_config_cmd command = { .command = NFQNL_CFG_CMD_BIND, .pf = htons(AF_INET) };
    struct nfqnl_msg_config_params copy = { .copy_range = htonl(0xFFFF), .copy_mode = NFQNL_COPY_PACKET };
    attribute(begin(message, NFQNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK, queue), NFQA_CFG_CMD, &command, sizeof command);
    int error = request(message);
    if (error) return error;
    attribute(begin(message, NFQNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK, queue), NFQA_CFG_PARAMS, &copy, sizeof copy);
    error = request(message);
    return error ? error : request(length_request(message, queue, QUEUE_LENGTH, NFQA_CFG_F_GSO, 1));
}

int queue_open(void)
{
    static const int receive_buffer = RECEIVE_BUFFER, send_buffer = SEND_BUFFER, one = 1;
    if (netlink >= 0) return 0;
    netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (slots == NULL) slots = malloc((size_t)QUEUE_BATCH * SLOT);
    struct sockaddr_nl own = { .nl_family = AF_NETLINK };
    int error = netlink < 0 ? errno : slots == NULL ? ENOMEM : 0;
    if (!error && bind(netlink, (struct sockaddr *)&own, sizeof own) < 0) error = errno;
    if (!error)
    {
        setsockopt(netlink, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer);
        setsockopt(netlink, SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer, sizeof send_buffer);
        setsockopt(netlink, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof one);
        error = bind_queue(QUEUE_OUTBOUND);
    }

    if (!error) error = bind_queue(QUEUE_INBOUND);
    if (error) queue_close();
    return error;
}

/* What still waits goes on its way: the driver lets go of it, too. */
static void accept_all(int outbound)
{
    uint8_t message[64] __attribute__((aligned(4)));
    struct nfqnl_msg_verdict_hdr verdict = { htonl(NF_ACCEPT), htonl(last_id[outbound] + (1u << 30)) };
    attribute(begin(message, NFQNL_MSG_VERDICT_BATCH, NLM_F_REQUEST, number_of(outbound)), NFQA_VERDICT_HDR, &verdict, sizeof verdict);
    send(netlink, message, ((struct nlmsghdr *)message)->nlmsg_len, 0);
}

void queue_close(void)
{
    if (netlink >= 0)
    {
        queue_flush();
        accept_all(0);
        accept_all(1);
        close(netlink);
    }

    netlink = -1;
    last_id[0] = last_id[1] = 0;
}

int queue_descriptor(void) { return netlink; }

static void set_lengths(uint32_t length, uint32_t flags)
{
    uint8_t message[128] __attribute__((aligned(4)));
    for (int outbound = 0; outbound < 2 && netlink >= 0; outbound++)
    {
        length_request(message, number_of(outbound), length, flags, 0);
        send(netlink, message, ((struct nlmsghdr *)message)->nlmsg_len, 0);
    }
}

/* A queue that is full at no packet and fails open: the kernel passes what comes, without asking. */
void queue_pass_new(void) { set_lengths(0, NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN); }

void queue_pass_again(void) { set_lengths(QUEUE_LENGTH, NFQA_CFG_F_GSO); }

static int read_message(const uint8_t *message, uint32_t length, struct queued *packet)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)message;
    if (length < 20 || header->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)) return 0;
    memset(packet, 0, sizeof *packet);
    packet->outbound = ntohs(((const struct nfgenmsg *)(message + 16))->res_id) == QUEUE_OUTBOUND;
    uint32_t in = 0, out = 0, whole = 0;
    for (uint32_t at = 20; at + 4 <= length;)
    {
        const struct nlattr *field = (const struct nlattr *)(message + at);
        const uint8_t *value = message + at + 4;
        if (field->nla_len < 4 || at + field->nla_len > length) break;
        switch (field->nla_type & NLA_TYPE_MASK)
        {
            case NFQA_PACKET_HDR: packet->id = be32(value); break;
            case NFQA_MARK: packet->mark = be32(value); break;
            case NFQA_IFINDEX_INDEV: in = be32(value); break;
            case NFQA_IFINDEX_OUTDEV: out = be32(value); break;
            case NFQA_CAP_LEN: whole = be32(value); break;
            case NFQA_SKB_INFO: packet->checksum_missing = (be32(value) & NFQA_SKB_CSUMNOTREADY) != 0; break;
            case NFQA_PAYLOAD: packet->data = value, packet->length = field->nla_len - 4u; break;
            default: break;
        }

        at += (field->nla_len + 3u) & ~3u;
    }

    packet->if_index = packet->outbound ? out : in;
    last_id[packet->outbound] = packet->id;
    if (packet->data != NULL && whole <= packet->length) return 1;
    queue_drop(packet->id, packet->outbound); /* larger than MTU_MAX: the driver drops it, too */
    return 0;
}

int queue_read(struct queued *packets)
{
    if (netlink < 0) return 0;
    for (int i = 0; i < QUEUE_BATCH; i++)
    {
        slot_vectors[i] = (struct iovec) { slots + (size_t)i * SLOT, SLOT };
        messages[i] = (struct mmsghdr) { .msg_hdr = { .msg_iov = &slot_vectors[i], .msg_iovlen = 1 } };
    }

    int count, kept = 0;
    do count = recvmmsg(netlink, messages, QUEUE_BATCH, MSG_DONTWAIT, NULL); while (count < 0 && (errno == EINTR || errno == ENOBUFS));
    for (int i = 0; i < count; i++) kept += read_message(slot_vectors[i].iov_base, messages[i].msg_len, &packets[kept]);
    return kept;
}

static uint8_t *begin_verdict(uint32_t id, int outbound, uint32_t verdict)
{
    if (verdicts == VERDICTS) queue_flush();
    struct nfqnl_msg_verdict_hdr value = { htonl(verdict), htonl(id) };
    uint8_t *head = begin(heads[verdicts++], NFQNL_MSG_VERDICT, NLM_F_REQUEST, number_of(outbound));
    attribute(head, NFQA_VERDICT_HDR, &value, sizeof value);
    vectors[vector_count++] = (struct iovec) { head, 32 };
    return head;
}

void queue_accept(uint32_t id, int outbound, const uint8_t *data, uint32_t length)
{
    static uint8_t padding[4];
    uint8_t *head = begin_verdict(id, outbound, NF_ACCEPT);
    if (data == NULL) return;
    uint32_t rest = -length & 3;
    *(struct nlattr *)(head + 32) = (struct nlattr) { .nla_len = (uint16_t)(4 + length), .nla_type = NFQA_PAYLOAD };
    ((struct nlmsghdr *)head)->nlmsg_len += 4 + length + rest;
    vectors[vector_count - 1].iov_len = 36;
    vectors[vector_count++] = (struct iovec) { (void *)data, length };
    if (rest) vectors[vector_count++] = (struct iovec) { padding, rest };
}

void queue_drop(uint32_t id, int outbound) { begin_verdict(id, outbound, NF_DROP); }

void queue_flush(void)
{
    if (vector_count == 0) return;
    struct msghdr message = { .msg_iov = vectors, .msg_iovlen = (size_t)vector_count };
    while (netlink >= 0 && sendmsg(netlink, &message, 0) < 0 && errno == EINTR);
    verdicts = vector_count = 0;
}

/* Also for a handle that only sends and has no queue. */
static int open_raw(void)
{
    static const int one = 1, mark = QUEUE_MARK;
    if (raw >= 0) return 1;
    raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (raw < 0) return 0;
    setsockopt(raw, IPPROTO_IP, IP_HDRINCL, &one, sizeof one);
    setsockopt(raw, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
    return 1;
}

void queue_inject(const uint8_t *data, uint32_t length)
{
    if (length < 20 || data[0] >> 4 != 4 || !open_raw()) return;
    struct sockaddr_in target = { .sin_family = AF_INET };
    memcpy(&target.sin_addr, data + 16, 4);
    while (sendto(raw, data, length, 0, (struct sockaddr *)&target, sizeof target) < 0 && errno == EINTR);
}
