/*
 * A Windows program as any other: Winsock, and no idea of a firewall. The tests run it under Wine beside fwredirect.exe.
 *
 *   program transfer HOST PORT MEGABYTES    looks HOST up, sends so much to an echo service, receives it again, prints both SHA-256
 *   program connect HOST PORT               prints how connect() ended
 *   program listen HOST PORT LISTENPORT     connects, then listens on its own port until one has come and said a line
 *   program datagrams HOST PORT COUNT BYTES sends so many to an echo service, each from one socket, and prints what came back
 *   program datagram HOST PORT              sends one from a connected socket, and prints how the wait for an answer ended
 *   program wait                            does nothing, for ever: Wine ends its services when no program is left
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <wincrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 18 };

static void say(const char *what, int error)
{
    printf("%s: error %d\n", what, error);
    fflush(stdout);
}

static void print_endpoint(const char *what, const struct sockaddr_in *endpoint)
{
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, (void *)&endpoint->sin_addr, text, sizeof text);
    printf("%s %s:%d\n", what, text, ntohs(endpoint->sin_port));
    fflush(stdout);
}

static void print_ends(SOCKET peer)
{
    struct sockaddr_in name;
    int length = sizeof name;
    if (getsockname(peer, (struct sockaddr *)&name, &length) == 0) print_endpoint("local", &name);
    length = sizeof name;
    if (getpeername(peer, (struct sockaddr *)&name, &length) == 0) print_endpoint("peer", &name);
}

static SOCKET connect_to(const char *host, const char *port)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) return say("getaddrinfo", error), INVALID_SOCKET;
    print_endpoint("resolved", (struct sockaddr_in *)found->ai_addr);
    SOCKET peer = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    DWORD started = GetTickCount();
    error = connect(peer, found->ai_addr, (int)found->ai_addrlen) == 0 ? 0 : WSAGetLastError();
    printf("connect took %lu ms\n", GetTickCount() - started);
    freeaddrinfo(found);
    if (error != 0) return say("connect", error), INVALID_SOCKET;
    print_ends(peer);
    return peer;
}

static HCRYPTHASH new_hash(HCRYPTPROV provider)
{
    HCRYPTHASH hash = 0;
    if (!CryptCreateHash(provider, CALG_SHA_256, 0, 0, &hash)) say("CryptCreateHash", (int)GetLastError());
    return hash;
}

static void print_hash(const char *what, long long bytes, HCRYPTHASH hash)
{
    BYTE value[32];
    DWORD length = sizeof value;
    CryptGetHashParam(hash, HP_HASHVAL, value, &length, 0);
    printf("%s %lld bytes, SHA-256 ", what, bytes);
    for (DWORD i = 0; i < length; i++) printf("%02x", value[i]);
    printf("\n");
    fflush(stdout);
}

struct sending { SOCKET peer; long long bytes; HCRYPTHASH hash; };

/* The bytes are any, but always the same: a failure can be repeated. */
static DWORD WINAPI send_all(void *argument)
{
    static BYTE block[BLOCK];
    struct sending *sending = argument;
    unsigned seed = 20;
    for (long long rest = sending->bytes; rest > 0;)
    {
        int length = rest < BLOCK ? (int)rest : BLOCK;
        for (int i = 0; i < length; i++) block[i] = (BYTE)((seed = seed * 1103515245 + 12345) >> 16);
        CryptHashData(sending->hash, block, (DWORD)length, 0);
        for (int at = 0; at < length;)
        {
            int count = send(sending->peer, (char *)block + at, length - at, 0);
            if (count <= 0) return say("send", WSAGetLastError()), 1;
            at += count;
        }

        rest -= length;
    }

    return 0;
}

static int transfer(const char *host, const char *port, long long bytes)
{
    static BYTE block[BLOCK];
    HCRYPTPROV provider;
    if (!CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT)) return say("CryptAcquireContext", (int)GetLastError()), 1;
    struct sending sending = { connect_to(host, port), bytes, new_hash(provider) };
    if (sending.peer == INVALID_SOCKET) return 1;
    HCRYPTHASH received = new_hash(provider);
    HANDLE sender = CreateThread(NULL, 0, send_all, &sending, 0, NULL);
    long long total = 0;
    while (total < bytes)
    {
        int count = recv(sending.peer, (char *)block, BLOCK, 0);
        if (count <= 0) return say("recv", count == 0 ? 0 : WSAGetLastError()), 1;
        CryptHashData(received, block, (DWORD)count, 0);
        total += count;
    }

    WaitForSingleObject(sender, INFINITE);
    print_hash("sent", bytes, sending.hash);
    print_hash("received", total, received);
    closesocket(sending.peer);
    return 0;
}

static int listen_once(const char *host, const char *port, int listen_port)
{
    SOCKET first = connect_to(host, port);
    if (first == INVALID_SOCKET) return 1;
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons((u_short)listen_port) };
    int length = sizeof own;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (bind(listener, (struct sockaddr *)&own, sizeof own) != 0 || listen(listener, 1) != 0) return say("listen", WSAGetLastError()), 1;
    getsockname(listener, (struct sockaddr *)&own, &length);
    printf("listening on %d\n", ntohs(own.sin_port));
    fflush(stdout);
    SOCKET peer = accept(listener, NULL, NULL);
    if (peer == INVALID_SOCKET) return say("accept", WSAGetLastError()), 1;
    print_ends(peer);
    char line[256];
    int count = recv(peer, line, sizeof line - 1, 0);
    line[count > 0 ? count : 0] = 0;
    line[strcspn(line, "\r\n")] = 0;
    printf("heard %s\n", line);
    fflush(stdout);
    send(peer, line, (int)strlen(line), 0);
    closesocket(peer);
    closesocket(listener);
    closesocket(first);
    return 0;
}

static SOCKET open_datagrams(const char *host, const char *port, struct sockaddr_in *peer)
{
    const DWORD patience = 5000;
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM }, *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) return say("getaddrinfo", error), INVALID_SOCKET;
    *peer = *(struct sockaddr_in *)found->ai_addr;
    freeaddrinfo(found);
    SOCKET own = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    setsockopt(own, SOL_SOCKET, SO_RCVTIMEO, (const char *)&patience, sizeof patience);
    return own;
}

static int datagrams(const char *host, const char *port, int many, int bytes)
{
    static BYTE sent[65536], came[65536];
    struct sockaddr_in peer, from;
    SOCKET own = open_datagrams(host, port, &peer);
    if (own == INVALID_SOCKET) return 1;
    int same = 0;
    for (int i = 0; i < many; i++)
    {
        int length = sizeof from;
        for (int at = 0; at < bytes; at++) sent[at] = (BYTE)(at * 7 + i);
        if (sendto(own, (char *)sent, bytes, 0, (struct sockaddr *)&peer, sizeof peer) != bytes) return say("sendto", WSAGetLastError()), 1;
        int count = recvfrom(own, (char *)came, sizeof came, 0, (struct sockaddr *)&from, &length);
        if (count < 0) return say("recvfrom", WSAGetLastError()), 1;
        if (i == 0) print_endpoint("peer", &from);
        same += count == bytes && memcmp(sent, came, (size_t)bytes) == 0 && memcmp(&from.sin_addr, &peer.sin_addr, 4) == 0 && from.sin_port == peer.sin_port;
    }

    int length = sizeof from;
    if (getsockname(own, (struct sockaddr *)&from, &length) == 0) print_endpoint("local", &from);
    printf("came back %d of %d\n", same, many);
    closesocket(own);
    return same != many;
}

static int datagram(const char *host, const char *port)
{
    struct sockaddr_in peer;
    char answer[16];
    SOCKET own = open_datagrams(host, port, &peer);
    if (own == INVALID_SOCKET) return 1;
    if (connect(own, (struct sockaddr *)&peer, sizeof peer) != 0 || send(own, "x", 1, 0) != 1) return say("send", WSAGetLastError()), 1;
    DWORD started = GetTickCount();
    say("recv", recv(own, answer, sizeof answer, 0) < 0 ? WSAGetLastError() : 0);
    printf("recv took %lu ms\n", GetTickCount() - started);
    closesocket(own);
    return 0;
}

int main(int count, char **arguments)
{
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
    if (count == 5 && strcmp(arguments[1], "transfer") == 0) return transfer(arguments[2], arguments[3], atoll(arguments[4]) << 20);
    if (count == 4 && strcmp(arguments[1], "connect") == 0) return connect_to(arguments[2], arguments[3]) == INVALID_SOCKET;
    if (count == 5 && strcmp(arguments[1], "listen") == 0) return listen_once(arguments[2], arguments[3], atoi(arguments[4]));
    if (count == 6 && strcmp(arguments[1], "datagrams") == 0) return datagrams(arguments[2], arguments[3], atoi(arguments[4]), atoi(arguments[5]));
    if (count == 4 && strcmp(arguments[1], "datagram") == 0) return datagram(arguments[2], arguments[3]);
    if (count == 2 && strcmp(arguments[1], "wait") == 0) return printf("waiting\n"), fflush(stdout), Sleep(INFINITE), 0;
    printf("program transfer HOST PORT MEGABYTES | connect HOST PORT | listen HOST PORT LISTENPORT | datagrams HOST PORT COUNT BYTES | datagram HOST PORT | wait\n");
    return 2;
}
