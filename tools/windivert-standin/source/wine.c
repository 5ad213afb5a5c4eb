/*
 * The Windows side of owners.h: the handles of all processes, told by the system, tried one after the other. Windows headers only, and every call but
 * kernel32's by its address: linked in, ws2_32 and ntdll would take the places of libc's functions of the same names, in the other files, too.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <winternl.h>
#include <stdlib.h>
#include "owners.h"

static struct
{
    NTSTATUS (WINAPI *query)(SYSTEM_INFORMATION_CLASS, void *, ULONG, ULONG *);
    int (WINAPI *start)(WORD, WSADATA *);
    SOCKET (WINAPI *socket)(int, int, int);
    int (WINAPI *close)(SOCKET);
    int (WINAPI *name)(SOCKET, struct sockaddr *, int *);
} call;

static int load(void)
{
    static int loaded;
    WSADATA data;
    if (loaded) return 1;
    HMODULE system = GetModuleHandleA("ntdll.dll"), sockets = LoadLibraryA("ws2_32.dll");
    call.query = (void *)GetProcAddress(system, "NtQuerySystemInformation");
    call.start = (void *)GetProcAddress(sockets, "WSAStartup");
    call.socket = (void *)GetProcAddress(sockets, "socket");
    call.close = (void *)GetProcAddress(sockets, "closesocket");
    call.name = (void *)GetProcAddress(sockets, "getsockname");
    return loaded = call.query && call.start && call.socket && call.close && call.name && call.start(MAKEWORD(2, 2), &data) == 0;
}

typedef struct { void *object; ULONG_PTR process, handle; ULONG access; USHORT trace, type; ULONG attributes, reserved; } handle_entry;
typedef struct { ULONG_PTR count, reserved; handle_entry entries[1]; } handle_list;

static void *query(int information)
{
    ULONG size = 1 << 18, needed = 0;
    for (int round = 0; round < 6; round++, size *= 2)
    {
        void *buffer = malloc(size);
        if (buffer == NULL) return NULL;
        if (call.query((SYSTEM_INFORMATION_CLASS)information, buffer, size, &needed) == 0) return buffer;
        free(buffer);
    }

    return NULL;
}

/* What a socket's handle looks like in the list, learnt from one of our own: most others need not be tried then. */
static int learn(const handle_list *list, SOCKET socket, handle_entry *like)
{
    for (ULONG_PTR i = 0; i < list->count; i++)
    {
        if (list->entries[i].process != GetCurrentProcessId() || list->entries[i].handle != (ULONG_PTR)socket) continue;
        *like = list->entries[i];
        return 1;
    }

    return 0;
}

static int has_port(HANDLE process, const handle_entry *entry, uint16_t port)
{
    HANDLE copy;
    if (!DuplicateHandle(process, (HANDLE)entry->handle, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS)) return 0;
    struct sockaddr_storage name;
    int length = sizeof name;
    int found = call.name((SOCKET)copy, (struct sockaddr *)&name, &length) == 0 && ((struct sockaddr_in *)&name)->sin_port == port;
    CloseHandle(copy);
    return found;
}

uint32_t wine_owner(uint16_t local_port)
{
    enum { EXTENDED_HANDLES = 64 };
    if (!load()) return 0;
    local_port = (uint16_t)(local_port << 8 | local_port >> 8); /* in network order, as the name has it */
    SOCKET own = call.socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    handle_list *list = query(EXTENDED_HANDLES);
    handle_entry like;
    uint32_t owner = 0;
    if (list != NULL && own != INVALID_SOCKET && learn(list, own, &like))
    {
        HANDLE process = NULL;
        ULONG_PTR opened = 0;
        for (ULONG_PTR i = 0; i < list->count && owner == 0; i++)
        {
            const handle_entry *entry = &list->entries[i];
            if (entry->type != like.type || entry->access != like.access) continue;
            if (opened != entry->process)
            {
                if (process) CloseHandle(process);
                process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, (DWORD)entry->process);
                opened = entry->process;
            }

            if (process && has_port(process, entry, local_port)) owner = (uint32_t)entry->process;
        }

        if (process) CloseHandle(process);
    }

    if (own != INVALID_SOCKET) call.close(own);
    free(list);
    return owner;
}

static double seconds(LARGE_INTEGER time)
{
    const double since_1601 = 11644473600.0;
    return (double)time.QuadPart / 1e7 - since_1601;
}

/* The header hides these two of SYSTEM_PROCESS_INFORMATION; their places are those of every Windows since XP. */
static double creation(const SYSTEM_PROCESS_INFORMATION *process) { return seconds(*(const LARGE_INTEGER *)((const char *)process + 32)); }

static const UNICODE_STRING *name_of(const SYSTEM_PROCESS_INFORMATION *process) { return (const UNICODE_STRING *)((const char *)process + 56); }

static int same_name(const UNICODE_STRING *name, const char *image)
{
    int length = name->Length / 2;
    if ((int)strlen(image) != length) return 0;
    for (int i = 0; i < length; i++)
    {
        if ((name->Buffer[i] | 0x20) != (image[i] | 0x20)) return 0;
    }

    return 1;
}

uint32_t wine_process(const char *image, double started)
{
    const double allowance = 3.0; /* the loader starts before the program exists for Windows */
    if (!load()) return 0;
    SYSTEM_PROCESS_INFORMATION *first = query(SystemProcessInformation), *process = first;
    uint32_t best = 0;
    double nearest = allowance;
    while (process != NULL)
    {
        double distance = creation(process) - started;
        if (distance < 0) distance = -distance;
        if (distance < nearest && same_name(name_of(process), image)) nearest = distance, best = (uint32_t)(ULONG_PTR)process->UniqueProcessId;
        process = process->NextEntryOffset ? (SYSTEM_PROCESS_INFORMATION *)((char *)process + process->NextEntryOffset) : NULL;
    }

    free(first);
    return best;
}
