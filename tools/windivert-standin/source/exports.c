/* The calls of WinDivert.dll, as its public documentation tells them, on top of divert.h. */
#include <windows.h>
#include <stdint.h>
#include <string.h>
#include "divert.h"

enum { HANDLES = 256 };

/* Handles are numbers that belong to nothing of the system's: index and a tag. */
static struct handle *handles[HANDLES];
static LONG handle_count;
static const ULONG_PTR tag = 0x57440000;

static struct handle *find(HANDLE handle)
{
    ULONG_PTR value = (ULONG_PTR)handle, index = (value & 0xFFFF) >> 2;
    return (value & ~(ULONG_PTR)0xFFFF) == tag && (value & 3) == 0 && index < HANDLES ? handles[index] : NULL;
}

static BOOL end(enum code code)
{
    SetLastError(code);
    return code == OK;
}

int64_t clock_now(void)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

int64_t clock_frequency(void)
{
    static LARGE_INTEGER frequency;
    if (frequency.QuadPart == 0) QueryPerformanceFrequency(&frequency);
    return frequency.QuadPart;
}

/* WINDIVERT_STANDIN_OPEN_ERROR=577 makes every open end so: what a real driver says on a machine that does not want it. */
static DWORD wanted_error(void)
{
    char text[16];
    DWORD length = GetEnvironmentVariableA("WINDIVERT_STANDIN_OPEN_ERROR", text, sizeof text), value = 0;
    if (length == 0 || length >= sizeof text) return 0;
    for (const char *digit = text; *digit >= '0' && *digit <= '9'; digit++) value = value * 10 + (DWORD)(*digit - '0');
    return value;
}

HANDLE WINAPI WinDivertOpen(const char *filter, INT layer, INT16 priority, UINT64 flags)
{
    struct handle *handle = NULL;
    DWORD error = wanted_error();
    if (error == 0) error = filter == NULL ? CODE_INVALID_PARAMETER : divert_open(&handle, filter, layer, priority, flags);
    LONG index = error == 0 ? InterlockedIncrement(&handle_count) : 0;
    if (index >= HANDLES) divert_close(handle), error = CODE_NOT_ENOUGH_MEMORY;
    SetLastError(error);
    if (error != 0) return INVALID_HANDLE_VALUE;
    handles[index] = handle;
    return (HANDLE)(tag | (ULONG_PTR)index << 2);
}

BOOL WINAPI WinDivertRecvEx(HANDLE handle, void *packet, UINT length, UINT *received, UINT64 flags, struct address *addresses, UINT *addresses_length, void *overlapped)
{
    struct handle *target = find(handle);
    uint32_t used = 0, count = 0, room = addresses_length ? *addresses_length / (UINT)sizeof(struct address) : 1;
    if (target == NULL) return end(CODE_INVALID_HANDLE);
    if (overlapped != NULL) return end(CODE_NOT_SUPPORTED);
    if (flags != 0 || (addresses_length && (addresses == NULL || room == 0 || room > LARGEST_BATCH))) return end(CODE_INVALID_PARAMETER);
    enum code code = divert_receive(target, packet, packet ? length : 0, &used, addresses, room, &count);
    if (received) *received = used;
    if (addresses_length) *addresses_length = count * (UINT)sizeof(struct address);
    return end(code);
}

BOOL WINAPI WinDivertRecv(HANDLE handle, void *packet, UINT length, UINT *received, struct address *address)
{
    UINT size = sizeof *address;
    return WinDivertRecvEx(handle, packet, length, received, 0, address, address ? &size : NULL, NULL);
}

BOOL WINAPI WinDivertSendEx(HANDLE handle, const void *packet, UINT length, UINT *sent, UINT64 flags, const struct address *addresses, UINT addresses_length, void *overlapped)
{
    struct handle *target = find(handle);
    uint32_t count = addresses_length / (UINT)sizeof(struct address), used = 0;
    if (target == NULL) return end(CODE_INVALID_HANDLE);
    if (overlapped != NULL) return end(CODE_NOT_SUPPORTED);
    if (flags != 0 || packet == NULL || addresses == NULL || count == 0 || count > LARGEST_BATCH || addresses_length % sizeof(struct address)) return end(CODE_INVALID_PARAMETER);
    enum code code = divert_send(target, packet, length, &used, addresses, count);
    if (sent) *sent = used;
    return end(code);
}

BOOL WINAPI WinDivertSend(HANDLE handle, const void *packet, UINT length, UINT *sent, const struct address *address)
{
    return WinDivertSendEx(handle, packet, length, sent, 0, address, sizeof *address, NULL);
}

BOOL WINAPI WinDivertShutdown(HANDLE handle, INT how)
{
    struct handle *target = find(handle);
    return end(target ? divert_shutdown(target, how) : CODE_INVALID_HANDLE);
}

BOOL WINAPI WinDivertClose(HANDLE handle)
{
    struct handle *target = find(handle);
    if (target == NULL) return end(CODE_INVALID_HANDLE);
    handles[((ULONG_PTR)handle & 0xFFFF) >> 2] = NULL;
    return end(divert_close(target));
}

BOOL WINAPI WinDivertSetParam(HANDLE handle, INT parameter, UINT64 value)
{
    struct handle *target = find(handle);
    return end(target ? divert_set(target, parameter, value) : CODE_INVALID_HANDLE);
}

BOOL WINAPI WinDivertGetParam(HANDLE handle, INT parameter, UINT64 *value)
{
    struct handle *target = find(handle);
    return end(target == NULL ? CODE_INVALID_HANDLE : value == NULL ? CODE_INVALID_PARAMETER : divert_get(target, parameter, value));
}

/* The compiled object has no use here: it stays empty. */
BOOL WINAPI WinDivertHelperCompileFilter(const char *text, INT layer, char *object, UINT object_length, const char **error, UINT *position)
{
    static struct filter filter;
    const char *reason = NULL;
    uint32_t place = 0;
    int good = text != NULL && layer >= LAYER_NETWORK && layer <= LAYER_REFLECT && filter_parse(&filter, text, (enum layer)layer, &reason, &place);
    if (object && object_length) *object = 0;
    if (error) *error = reason;
    if (position) *position = place;
    return end(good ? OK : CODE_INVALID_PARAMETER);
}
