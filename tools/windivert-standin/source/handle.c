#define _GNU_SOURCE
#include "handle.h"
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct handle *handle_new(enum layer layer, int priority, uint64_t flags)
{
    struct handle *handle = calloc(1, sizeof *handle);
    if (handle == NULL) return NULL;
    handle->layer = layer;
    handle->priority = priority;
    handle->flags = flags;
    handle->parameters[QUEUE_LENGTH_PARAMETER] = 4096;
    handle->parameters[QUEUE_TIME_PARAMETER] = 2000;
    handle->parameters[QUEUE_SIZE_PARAMETER] = 4194304;
    handle->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return handle;
}

void handle_empty(struct handle *handle)
{
    for (struct item *item = handle->first, *next; item != NULL; item = next)
    {
        next = item->next;
        free(item);
    }

    handle->first = handle->last = NULL;
    if (handle->wake >= 0) close(handle->wake);
    handle->wake = -1;
}

void handle_free(struct handle *handle)
{
    handle_empty(handle);
    free(handle);
}

void handle_wake(struct handle *handle)
{
    uint64_t one = 1;
    if (write(handle->wake, &one, sizeof one) < 0) { /* it is awake already */ }
}

int output_add(struct output *output, const struct address *address, const uint8_t *data, uint32_t length)
{
    if (output->count == output->room) return 0;
    if (length > output->length - output->used)
    {
        if (output->count > 0) return 0;
        memcpy(output->buffer, data, output->used = output->length);
        output->error = CODE_INSUFFICIENT_BUFFER;
        return 1;
    }

    if (length) memcpy(output->buffer + output->used, data, length);
    output->used += length;
    if (output->addresses) output->addresses[output->count] = *address;
    output->count++;
    return 1;
}

static struct item *take(struct handle *handle)
{
    struct item *item = handle->first;
    handle->first = item->next;
    if (handle->first == NULL) handle->last = NULL;
    handle->waiting--;
    handle->waiting_bytes -= item->length;
    return item;
}

void handle_keep(struct handle *handle, const struct address *address, const uint8_t *data, uint32_t length, void (*gone)(const struct address *))
{
    struct item *item = malloc(sizeof *item + length);
    if (item == NULL) return gone(address);
    item->next = NULL;
    item->address = *address;
    item->length = length;
    if (length) memcpy(item->data, data, length);
    while (handle->first && (handle->waiting >= handle->parameters[QUEUE_LENGTH_PARAMETER] || handle->waiting_bytes + length > handle->parameters[QUEUE_SIZE_PARAMETER]))
    {
        struct item *oldest = take(handle);
        gone(&oldest->address);
        free(oldest);
    }

    if (handle->last) handle->last->next = item;
    else handle->first = item;
    handle->last = item;
    handle->waiting++;
    handle->waiting_bytes += length;
    handle_wake(handle);
}

void handle_drain(struct handle *handle, struct output *output)
{
    while (handle->first && output->error == OK && output_add(output, &handle->first->address, handle->first->data, handle->first->length)) free(take(handle));
}
