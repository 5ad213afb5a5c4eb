/* The filter language of WinDivert 2.2: parsed into a tree, evaluated against a packet or a socket event. */
#ifndef STANDIN_FILTER_H
#define STANDIN_FILTER_H

#include "address.h"
#include "packet.h"

enum { LARGEST_FILTER = 255, LARGEST_TOKEN = 39 };

struct node
{
    uint8_t kind, field, operator, negated;
    uint16_t left, right, third;
    uint32_t index;
    unsigned __int128 value;
};

struct filter
{
    struct node nodes[LARGEST_FILTER * 3];
    uint16_t count, tests, root;
};

/* 1, or 0 with a sentence that lives for ever and the place in the text. */
int filter_parse(struct filter *filter, const char *text, enum layer layer, const char **error, uint32_t *position);

/* packet is null for a socket event. */
int filter_matches(const struct filter *filter, const struct packet *packet, const struct address *address);

/* 1 for a filter that is nothing but 'false': such a handle only sends. */
int filter_is_false(const struct filter *filter);

#endif
