#define _GNU_SOURCE
#include "divert.h"
#include "chain.h"
#include "kept.h"
#include "queue.h"
#include "sockets.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum
{
    SWEEP = 250,         /* ms between looks at what has waited too long */
    SHUTDOWN_ROUNDS = 64, /* batches of what was queued before; more is new */
    LARGEST_RAW = 1200    /* a raw socket cuts nothing; below any common frame */
};

/* One gate for all: whoever waits in divert_receive leads, reading the queues for every handle. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct queued batch[QUEUE_BATCH];
static int batch_next, batch_count;

/* The driver has no packet back: what a raw socket can send is let go at once. */
static int stays_in_queue(const struct packet *packet)
{
    return packet->udp ? packet->length > LARGEST_RAW : packet->tcp && (packet->tcp[13] & 0x12) != 0x02;
}

static struct address address_of(const struct queued *queued, const struct packet *packet, int loopback)
{
    struct address address = { .timestamp = chain_timestamp(), .layer = LAYER_NETWORK, .event = EVENT_NETWORK_PACKET, .flags = ADDRESS_IP_CHECKSUM };
    if (queued->outbound) address.flags |= ADDRESS_OUTBOUND;
    if (loopback) address.flags |= ADDRESS_LOOPBACK;
    if (packet->version == 6) address.flags |= ADDRESS_IPV6;
    if (!queued->checksum_missing) address.flags |= ADDRESS_TCP_CHECKSUM | ADDRESS_UDP_CHECKSUM;
    address.network.if_index = queued->if_index;
    return address;
}

/* 0 where the reader's buffer has no room: the packet is looked at again by the next call. */
static int offer(const struct queued *queued, struct handle *reader, struct output *output)
{
    struct packet packet;
    /* A packet to oneself is seen once, as outbound. */
    int own = packet_parse(&packet, queued->data, queued->length) && packet.version == 4 && (packet.ip[16] == 127 || sockets_own_address(be32(packet.ip + 16)));
    int loopback = queued->outbound ? own : queued->if_index == 1;
    if (packet.ip == NULL || (!queued->outbound && loopback)) return queue_accept(queued->id, queued->outbound, NULL, 0), 1;
    if (queued->outbound && chain_watched()) sockets_sent(&packet, loopback);

    struct address address = address_of(queued, &packet, loopback);
    struct handle *handle = chain_taker(NULL, &packet, &address);
    for (; handle && handle->flags & OPEN_SNIFF; handle = chain_taker(handle, &packet, &address))
    {
        struct address copy = address;
        copy.flags |= ADDRESS_SNIFFED;
        handle_keep(handle, &copy, packet.ip, packet.length, chain_gone);
    }

    if (handle == NULL) return queue_accept(queued->id, queued->outbound, NULL, 0), 1;
    if (handle->flags & OPEN_DROP) return queue_drop(queued->id, queued->outbound), 1;
    if (handle == reader && reader->first == NULL)
    {
        if (!output_add(output, &address, packet.ip, packet.length)) return 0;
    }
    else handle_keep(handle, &address, packet.ip, packet.length, chain_gone);

    if (stays_in_queue(&packet)) kept_add(address.timestamp, queued->id, queued->outbound);
    else queue_drop(queued->id, queued->outbound);
    return 1;
}

/* Reads the queues once; what is not the reader's waits for its own. */
static void lead(struct handle *reader, struct output *output)
{
    if (batch_next == batch_count) batch_next = 0, batch_count = queue_read(batch);
    while (batch_next < batch_count && output->error == OK && offer(&batch[batch_next], reader, output)) batch_next++;
    queue_flush();
}

/* Opens, closes or bypasses the queues to fit the handles that there are now. */
static enum code fit_queues(void)
{
    if (chain_count(chain_needs_queue, 0) == 0)
    {
        queue_close();
        kept_clear();
        batch_next = batch_count = 0;
        return OK;
    }

    if (queue_open() != 0) return CODE_ACCESS_DENIED;
    if (chain_count(chain_needs_queue, 1) == 0) queue_pass_new();
    else queue_pass_again();
    return OK;
}

/* A closed handle stays in memory: a call that another thread is just making must find that it is closed. */
static void release(struct handle *handle)
{
    if (--handle->users == 0 && handle->closed) handle_empty(handle);
}

enum code divert_open(struct handle **result, const char *text, int layer, int priority, uint64_t flags)
{
    int both = OPEN_RECV_ONLY | OPEN_SEND_ONLY;
    if (layer != LAYER_NETWORK && layer != LAYER_SOCKET) return CODE_INVALID_PARAMETER;
    if (priority < -30000 || priority > 30000 || flags & ~(uint64_t)OPEN_ALL) return CODE_INVALID_PARAMETER;
    if ((flags & both) == (uint64_t)both || (flags & (OPEN_SNIFF | OPEN_DROP)) == (OPEN_SNIFF | OPEN_DROP)) return CODE_INVALID_PARAMETER;
    /* Without SNIFF the driver would deny what it reports. Nobody wants that, and the stand-in could not. */
    if (layer == LAYER_SOCKET && (flags & (OPEN_SNIFF | OPEN_RECV_ONLY)) != (OPEN_SNIFF | OPEN_RECV_ONLY)) return CODE_INVALID_PARAMETER;
    struct handle *handle = handle_new((enum layer)layer, priority, flags);
    if (handle == NULL) return CODE_NOT_ENOUGH_MEMORY;
    if (!filter_parse(&handle->filter, text, (enum layer)layer, NULL, NULL)) return handle_free(handle), CODE_INVALID_PARAMETER;

    pthread_mutex_lock(&gate);
    if (layer == LAYER_SOCKET && !chain_watched()) sockets_begin();
    handle->users = 1;
    chain_add(handle);
    enum code code = fit_queues();
    if (code != OK)
    {
        chain_remove(handle);
        handle_free(handle);
    }

    pthread_mutex_unlock(&gate);
    *result = handle;
    return code;
}

static void wait_for_work(struct handle *handle, int leads)
{
    struct pollfd descriptors[] = { { .fd = handle->wake, .events = POLLIN }, { .fd = leads ? queue_descriptor() : -1, .events = POLLIN } };
    pthread_mutex_unlock(&gate);
    poll(descriptors, 2, handle->layer == LAYER_SOCKET ? SOCKETS_INTERVAL : SWEEP);
    uint64_t count;
    if (descriptors[0].revents && read(handle->wake, &count, sizeof count) < 0) { /* another reader of the handle was faster */ }
    pthread_mutex_lock(&gate);
}

enum code divert_receive(struct handle *handle, uint8_t *buffer, uint32_t length, uint32_t *received, struct address *addresses, uint32_t room, uint32_t *count)
{
    struct output output = { .buffer = buffer, .length = length, .addresses = addresses, .room = room };
    enum code code = OK;
    pthread_mutex_lock(&gate);
    handle->users++;
    for (;;)
    {
        if (handle->closed) { code = CODE_OPERATION_ABORTED; break; }
        handle_drain(handle, &output);
        if (output.count > 0 || output.error) break;
        if (handle->no_receive) { code = CODE_NO_DATA; break; }
        if (handle->flags & OPEN_SEND_ONLY) { code = CODE_INVALID_PARAMETER; break; }

        /* One kind of reader leads, so that bulk data does not wake two threads. */
        int leads = chain_takes_packets(handle) || (handle->layer == LAYER_SOCKET && chain_count(chain_takes_packets, 1) == 0);
        if (leads) lead(handle, &output);
        if (output.count > 0 || output.error) break;
        if (handle->layer == LAYER_SOCKET) sockets_look();
        if (handle->first) continue;
        kept_expire(clock_now() - (int64_t)handle->parameters[QUEUE_TIME_PARAMETER] * clock_frequency() / 1000);
        queue_flush();
        wait_for_work(handle, leads);
    }

    release(handle);
    pthread_mutex_unlock(&gate);
    *received = output.used;
    *count = output.count;
    return code ? code : output.error;
}

/* The way that a sent packet takes: to the next handle below, else back into the stack. */
static void send_on(struct handle *handle, const uint8_t *data, uint32_t length, const struct address *address)
{
    struct packet packet;
    uint32_t id;
    int outbound = (address->flags & ADDRESS_OUTBOUND) != 0;
    int waits = !(address->flags & ADDRESS_IMPOSTOR) && kept_take(address->timestamp, outbound, &id);
    if (packet_parse(&packet, data, length))
    {
        struct address lower = *address;
        lower.timestamp = chain_timestamp();
        lower.flags |= ADDRESS_IMPOSTOR;
        struct handle *next = chain_taker(handle, &packet, &lower);
        if (next)
        {
            /* Without the mark of an impostor it finds its place in the queue again. */
            if (waits) kept_add(lower.timestamp, id, outbound), lower.flags &= (uint8_t)~ADDRESS_IMPOSTOR;
            handle_keep(next, &lower, data, length, chain_gone);
            return;
        }
    }

    if (waits) queue_accept(id, outbound, data, length);
    else queue_inject(data, length);
}

static int has_all_checksums(uint8_t flags) { return (flags & (ADDRESS_IP_CHECKSUM | ADDRESS_TCP_CHECKSUM | ADDRESS_UDP_CHECKSUM)) == (ADDRESS_IP_CHECKSUM | ADDRESS_TCP_CHECKSUM | ADDRESS_UDP_CHECKSUM); }

enum code divert_send(struct handle *handle, const uint8_t *data, uint32_t length, uint32_t *sent, const struct address *addresses, uint32_t count)
{
    enum code code = OK;
    uint8_t *copies = NULL; /* the caller's bytes are not ours to complete */
    uint32_t at = 0;
    pthread_mutex_lock(&gate);
    handle->users++;
    if (handle->closed) code = CODE_OPERATION_ABORTED;
    else if (handle->no_send) code = CODE_NO_DATA;
    else if (handle->layer != LAYER_NETWORK || handle->flags & OPEN_RECV_ONLY) code = CODE_INVALID_PARAMETER;
    for (uint32_t i = 0; i < count && code == OK; i++)
    {
        uint32_t size = packet_length(data + at, length - at);
        if (size == 0 || addresses[i].layer != LAYER_NETWORK || addresses[i].event != EVENT_NETWORK_PACKET) { code = CODE_INVALID_PARAMETER; break; }
        if (size > length - at) { code = CODE_INSUFFICIENT_BUFFER; break; }
        const uint8_t *packet = data + at;
        if (!has_all_checksums(addresses[i].flags) && (copies || (copies = malloc(length)) != NULL))
        {
            packet = memcpy(copies + at, packet, size);
            packet_complete(copies + at, size, addresses[i].flags);
        }

        send_on(handle, packet, size, &addresses[i]);
        at += size;
    }

    queue_flush();
    release(handle);
    pthread_mutex_unlock(&gate);
    free(copies);
    *sent = at;
    return code;
}

enum code divert_shutdown(struct handle *handle, int how)
{
    if (how < SHUTDOWN_RECV || how > SHUTDOWN_BOTH) return CODE_INVALID_PARAMETER;
    pthread_mutex_lock(&gate);
    if (how & SHUTDOWN_SEND) handle->no_send = 1;
    if (how & SHUTDOWN_RECV && !handle->no_receive)
    {
        /* What is in the kernel's queue was diverted before: it can still be read. */
        struct output none = { .room = 0 };
        for (int round = 0; chain_takes_packets(handle) && (round == 0 || batch_count > 0) && round < SHUTDOWN_ROUNDS; round++) lead(NULL, &none);
        handle->no_receive = 1;
        fit_queues();
        handle_wake(handle);
    }

    pthread_mutex_unlock(&gate);
    return OK;
}

enum code divert_close(struct handle *handle)
{
    pthread_mutex_lock(&gate);
    /* The driver puts back what nobody has read. */
    struct output none = { .room = 0 };
    if (chain_takes_packets(handle) && !handle->no_receive) lead(NULL, &none);
    handle->no_receive = 1;
    for (struct item *item = handle->first; item; item = item->next)
    {
        if (handle->layer == LAYER_NETWORK && !(item->address.flags & ADDRESS_SNIFFED)) send_on(handle, item->data, item->length, &item->address);
    }

    queue_flush();
    handle->closed = 1;
    chain_remove(handle);
    fit_queues();
    handle_wake(handle);
    release(handle);
    pthread_mutex_unlock(&gate);
    return OK;
}

enum code divert_set(struct handle *handle, int parameter, uint64_t value)
{
    static const struct { uint64_t least, most; } bounds[] = { { 32, 16384 }, { 100, 16000 }, { 65535, 33554432 } };
    if (parameter < QUEUE_LENGTH_PARAMETER || parameter > QUEUE_SIZE_PARAMETER) return CODE_INVALID_PARAMETER;
    if (value < bounds[parameter].least || value > bounds[parameter].most) return CODE_INVALID_PARAMETER;
    pthread_mutex_lock(&gate);
    handle->parameters[parameter] = value;
    pthread_mutex_unlock(&gate);
    return OK;
}

enum code divert_get(struct handle *handle, int parameter, uint64_t *value)
{
    if (parameter < QUEUE_LENGTH_PARAMETER || parameter > VERSION_MINOR_PARAMETER) return CODE_INVALID_PARAMETER;
    *value = parameter >= VERSION_MAJOR_PARAMETER ? 2 : handle->parameters[parameter];
    return OK;
}
