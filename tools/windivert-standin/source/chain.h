/* The open handles in the order in which packets meet them. Everything here is called with the gate of divert.c held. */
#ifndef STANDIN_CHAIN_H
#define STANDIN_CHAIN_H

#include "handle.h"

void chain_add(struct handle *handle);
void chain_remove(struct handle *handle);

int chain_takes_packets(const struct handle *handle);
int chain_needs_queue(const struct handle *handle);

/* The open handles of a kind; reading: without those that are shut down. */
int chain_count(int (*condition)(const struct handle *), int reading);

/* 1 while somebody wants socket events. */
int chain_watched(void);

/* The highest handle under 'above' that wants the packet; null above: from the top. */
struct handle *chain_taker(struct handle *above, const struct packet *packet, const struct address *address);

/* No two are the same. */
int64_t chain_timestamp(void);

/* A packet that nobody will read any more. */
void chain_gone(const struct address *address);

/* Gives a socket event to the handles whose filter it passes. */
void chain_publish(const struct address *event);

#endif
