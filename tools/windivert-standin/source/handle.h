/* One open handle, and what waits for its reader. */
#ifndef STANDIN_HANDLE_H
#define STANDIN_HANDLE_H

#include "divert.h"

struct item
{
    struct item *next;
    struct address address;
    uint32_t length;
    uint8_t data[];
};

struct handle
{
    struct handle *next;
    struct filter filter;
    enum layer layer;
    int priority, wake, users;
    uint64_t flags, parameters[3], waiting_bytes;
    uint32_t waiting;
    struct item *first, *last;
    uint8_t no_receive, no_send, closed;
};

struct output
{
    uint8_t *buffer;
    struct address *addresses;
    uint32_t length, used, room, count;
    enum code error;
};

struct handle *handle_new(enum layer layer, int priority, uint64_t flags);
void handle_empty(struct handle *handle);
void handle_free(struct handle *handle);
void handle_wake(struct handle *handle);

/* 1 for taken, 0 for no room in this call. What is larger than a whole empty buffer is lost, as with the driver. */
int output_add(struct output *output, const struct address *address, const uint8_t *data, uint32_t length);

/* Keeps a copy for the reader. What that drives out, oldest first, is told to gone. */
void handle_keep(struct handle *handle, const struct address *address, const uint8_t *data, uint32_t length, void (*gone)(const struct address *));

/* Moves what waits into the output. */
void handle_drain(struct handle *handle, struct output *output);

#endif
