#define _GNU_SOURCE
#include "owners.h"
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_file(const char *path, char *buffer, size_t size)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    size_t count = fread(buffer, 1, size - 1, file);
    fclose(file);
    buffer[count] = 0;
    return count > 0;
}

static int in_own_network(unsigned pid)
{
    static ino_t own;
    char path[64];
    struct stat status;
    if (own == 0 && stat("/proc/self/ns/net", &status) == 0) own = status.st_ino;
    snprintf(path, sizeof path, "/proc/%u/ns/net", pid);
    return stat(path, &status) == 0 && status.st_ino == own;
}

static int holds_socket(unsigned pid, const char *target)
{
    char folder[64], link[64];
    snprintf(folder, sizeof folder, "/proc/%u/fd", pid);
    DIR *descriptors = opendir(folder);
    if (descriptors == NULL) return 0;
    int found = 0;
    for (struct dirent *entry; !found && (entry = readdir(descriptors)) != NULL;)
    {
        ssize_t length = readlinkat(dirfd(descriptors), entry->d_name, link, sizeof link - 1);
        if (length <= 0) continue;
        link[length] = 0;
        found = strcmp(link, target) == 0;
    }

    closedir(descriptors);
    return found;
}

static double start_of(unsigned pid)
{
    char path[64], text[2048];
    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    if (!read_file(path, text, sizeof text)) return 0;
    const char *field = strrchr(text, ')');
    for (int i = 0; field && i < 20; i++) field = strchr(field + 1, ' ');
    if (field == NULL) return 0;
    double ticks = strtod(field, NULL);
    static char machine[65536];
    if (!read_file("/proc/stat", machine, sizeof machine)) return 0;
    const char *boot = strstr(machine, "btime ");
    return boot ? strtod(boot + 6, NULL) + ticks / (double)sysconf(_SC_CLK_TCK) : 0;
}

/* Wine's loader is the executable; the first argument is the program's path as Windows writes it. */
static uint32_t windows_id(unsigned pid)
{
    char path[64], text[4096], *image;
    snprintf(path, sizeof path, "/proc/%u/exe", pid);
    ssize_t length = readlink(path, text, sizeof text - 1);
    if (length <= 0) return 0;
    text[length] = 0;
    if (strstr(text, "wine") == NULL) return 0;
    snprintf(path, sizeof path, "/proc/%u/cmdline", pid);
    if (!read_file(path, text, sizeof text)) return 0;
    image = text + strlen(text);
    while (image > text && image[-1] != '\\' && image[-1] != '/') image--;
    return wine_process(image, start_of(pid));
}

uint32_t owner_of(uint32_t inode, uint16_t local_port)
{
    char target[64], path[64], name[64];
    snprintf(target, sizeof target, "socket:[%u]", inode);
    DIR *processes = opendir("/proc");
    if (processes == NULL) return 0;
    uint32_t owner = 0;
    for (struct dirent *entry; (entry = readdir(processes)) != NULL;)
    {
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        unsigned pid = (unsigned)strtoul(entry->d_name, NULL, 10);
        if (!in_own_network(pid) || !holds_socket(pid, target)) continue;
        snprintf(path, sizeof path, "/proc/%u/comm", pid);
        if (read_file(path, name, sizeof name) && strncmp(name, "wineserver", 10) == 0)
        {
            uint32_t windows = wine_owner(local_port);
            if (windows != 0) { owner = windows; break; }
            continue;
        }

        uint32_t windows = windows_id(pid);
        owner = windows ? windows : LINUX_PROCESS | pid;
    }

    closedir(processes);
    return owner;
}
