/* One agent for each address: its own engine, boots and uptime, made of the address alone; and what is wrong with it. */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "responder.h"

enum { SPACE = 1 << 24, ENTERPRISE = 32473 /* for examples: RFC 5612 */, DAY = 86400, MOST_DAYS = 300, MOST_BOOTS = 40 };

static const char *const NAMES[] = {
    "healthy", "dead", "slow", "lossy", "cloned", "half", "elsewhere", "other-id", "truncated", "replaying", "clock",
    "too-big", "forged", "refusing",
};

static Device **devices;
static size_t made;
static long dead, loss;

double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Spreads neighbours over the whole range (the finishing steps of MurmurHash3, which is in the public domain). */
static uint32_t mixed(uint32_t number)
{
    number ^= number >> 16;
    number *= 0x85ebca6bU;
    number ^= number >> 13;
    number *= 0xc2b2ae35U;
    return number ^ number >> 16;
}

static void name_engine(Device *device, uint32_t address)
{
    octet engine[9] = {0x80 | ENTERPRISE >> 24, ENTERPRISE >> 16 & 0xff, ENTERPRISE >> 8 & 0xff, ENTERPRISE & 0xff, 1};
    for (int place = 0; place < 4; place++)
        engine[5 + place] = (octet)(address >> (24 - 8 * place));
    memcpy(device->engine.octets, engine, sizeof engine);
    device->engine.size = sizeof engine;
    for (int user = 0; user < MOST_USERS; user++) {
        free(device->keys[user]);
        device->keys[user] = NULL;
    }
}

Device *device_of(uint32_t address)
{
    if (!devices && !(devices = calloc(SPACE, sizeof *devices)))
        fail("no memory", "");
    Device **place = &devices[address % SPACE];
    if (*place)
        return *place;
    Device *device = *place = calloc(1, sizeof *device);
    if (!device)
        fail("no memory", "");
    made++;
    device->address = address;
    device->hash = mixed(address);
    device->born = now_s() - DAY - device->hash % (MOST_DAYS * DAY);
    device->boots = 1 + device->hash % MOST_BOOTS;
    device->fault = mixed(device->hash ^ 1) % 1000 < (uint32_t)dead ? DEAD : HEALTHY;
    name_engine(device, address);
    return device;
}

size_t devices_made(void) { return made; }

void dead_share(long permille) { dead = permille; }

void loss_share(long permille) { loss = permille; }

bool loses(Device *device)
{
    long share = device->fault == LOSSY ? device->value : loss;
    if (device->fault == DEAD)
        return true;
    return share && mixed(device->hash + ++device->heard) % 1000 < (uint32_t)share;
}

uint32_t engine_time(const Device *device)
{
    long off = device->fault == CLOCK ? device->value : 0;
    return (uint32_t)((long)(now_s() - device->born) + off) & 0x7fffffff;
}

void reboot(Device *device)
{
    device->boots++;
    device->born = now_s();
}

const char *set_fault(uint32_t address, const char *name, const char *value)
{
    Device *device = device_of(address);
    if (!strcmp(name, "reboot")) {
        reboot(device);
        return NULL;
    }
    for (size_t kind = 0; kind < sizeof NAMES / sizeof *NAMES; kind++) {
        if (strcmp(name, NAMES[kind]))
            continue;
        device->fault = (Kind)kind;
        device->value = strtol(value, NULL, 10);
        name_engine(device, kind == CLONED ? (address & 0xff000000U) | (uint32_t)device->value : address);
        free(device->kept);
        device->kept = NULL;
        return NULL;
    }
    return "no such fault";
}
