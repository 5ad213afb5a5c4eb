#include "chain.h"
#include "kept.h"
#include "queue.h"

static struct handle *handles; /* the highest priority first, and the younger of two equal ones */
static int64_t last_timestamp;

int chain_takes_packets(const struct handle *handle) { return handle->layer == LAYER_NETWORK && !(handle->flags & OPEN_SEND_ONLY) && !filter_is_false(&handle->filter); }

int chain_needs_queue(const struct handle *handle) { return handle->layer == LAYER_SOCKET || chain_takes_packets(handle); }

int chain_count(int (*condition)(const struct handle *), int reading)
{
    int count = 0;
    for (struct handle *handle = handles; handle; handle = handle->next) count += !handle->closed && (!reading || !handle->no_receive) && condition(handle);
    return count;
}

int chain_watched(void)
{
    for (struct handle *handle = handles; handle; handle = handle->next)
    {
        if (handle->layer == LAYER_SOCKET && !handle->no_receive && !handle->closed) return 1;
    }

    return 0;
}

int64_t chain_timestamp(void)
{
    int64_t now = clock_now();
    return last_timestamp = now > last_timestamp ? now : last_timestamp + 1;
}

struct handle *chain_taker(struct handle *above, const struct packet *packet, const struct address *address)
{
    for (struct handle *handle = above ? above->next : handles; handle; handle = handle->next)
    {
        if (!handle->closed && !handle->no_receive && chain_takes_packets(handle) && filter_matches(&handle->filter, packet, address)) return handle;
    }

    return NULL;
}

void chain_add(struct handle *handle)
{
    struct handle **link = &handles;
    while (*link && (*link)->priority > handle->priority) link = &(*link)->next;
    handle->next = *link;
    *link = handle;
}

void chain_remove(struct handle *handle)
{
    struct handle **link = &handles;
    while (*link != handle) link = &(*link)->next;
    *link = handle->next;
}

void chain_gone(const struct address *address)
{
    uint32_t id;
    int outbound = (address->flags & ADDRESS_OUTBOUND) != 0;
    if (address->layer == LAYER_NETWORK && kept_take(address->timestamp, outbound, &id)) queue_drop(id, outbound);
}

void chain_publish(const struct address *event)
{
    for (struct handle *handle = handles; handle; handle = handle->next)
    {
        if (handle->layer == LAYER_SOCKET && !handle->no_receive && filter_matches(&handle->filter, NULL, event)) handle_keep(handle, event, NULL, 0, chain_gone);
    }
}
