#include "kept.h"
#include "queue.h"

enum { CAPACITY = 1 << 18 };

static struct kept { int64_t timestamp; uint32_t id; uint8_t outbound, done; } ring[CAPACITY];
static uint64_t head, tail;

static struct kept *at(uint64_t index) { return &ring[index % CAPACITY]; }

static void leave(struct kept *kept)
{
    if (!kept->done) queue_drop(kept->id, kept->outbound);
    kept->done = 1;
    head++;
}

void kept_add(int64_t timestamp, uint32_t id, int outbound)
{
    if (tail - head == CAPACITY) leave(at(head));
    *at(tail++) = (struct kept) { timestamp, id, (uint8_t)outbound, 0 };
}

/* Timestamps only grow: the ring is sorted. */
int kept_take(int64_t timestamp, int outbound, uint32_t *id)
{
    uint64_t low = head, high = tail;
    while (low < high)
    {
        uint64_t middle = low + (high - low) / 2;
        if (at(middle)->timestamp < timestamp) low = middle + 1;
        else high = middle;
    }

    struct kept *kept = at(low);
    if (low == tail || kept->timestamp != timestamp || kept->done || kept->outbound != outbound) return 0;
    *id = kept->id;
    kept->done = 1;
    while (head < tail && at(head)->done) head++;
    return 1;
}

void kept_expire(int64_t before)
{
    while (head < tail && (at(head)->done || at(head)->timestamp < before)) leave(at(head));
}

void kept_clear(void) { head = tail = 0; }
