/* The messages around PDUs: SNMPv2c (RFC 3584), SNMPv3 with users (RFC 3412, 3414). */

#include <string.h>

#include "responder.h"

enum { AUTH = 1, PRIV = 2, REPORTABLE = 4, WINDOW_S = 150, OWN_LARGEST = 65507, V3_OVERHEAD = 150 };

/* The last number of the usmStats counters that reports carry. */
enum { NO_REPORT, WRONG_LEVEL = 1, NOT_IN_TIME, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, NOT_DECRYPTED };

typedef struct {
    int64_t id, largest, flags, boots, time;
    Span engine, name, code, salt, data;
    int user;
} V3;

Counts counts;
static const char *community = "public";
static size_t largest = 1472;

void set_community(const char *wanted) { community = wanted; }

void set_largest(size_t octets) { largest = octets; }

static size_t least(size_t one, size_t other) { return one < other ? one : other; }

static bool read_v3(Span rest, V3 *read)
{
    Span header, flags, wrapped, security;
    int64_t model;
    if (!take_as(&rest, SEQUENCE, &header) || !take_integer(&header, &read->id) ||
        !take_integer(&header, &read->largest) || !take_as(&header, OCTETS, &flags) || size_of(flags) != 1 ||
        !take_integer(&header, &model) || model != 3)
        return false;
    read->flags = *flags.at;
    if (!take_as(&rest, OCTETS, &wrapped) || !take_as(&wrapped, SEQUENCE, &security) ||
        !take_as(&security, OCTETS, &read->engine) || !take_integer(&security, &read->boots) ||
        !take_integer(&security, &read->time) || !take_as(&security, OCTETS, &read->name) ||
        !take_as(&security, OCTETS, &read->code) || !take_as(&security, OCTETS, &read->salt))
        return false;
    read->data = rest;
    read->user = user_of(read->name);
    return true;
}

static const Keys *keys(Device *device, int user)
{
    if (!device->keys[user])
        device->keys[user] = keys_of(user, &device->engine);
    return device->keys[user];
}

static bool is_authentic(Device *device, const V3 *asked, const octet *datagram, size_t size)
{
    octet copy[LARGEST], made[MOST_CODE];
    size_t octets = code_size(asked->user);
    if (size > sizeof copy || size_of(asked->code) != octets)
        return false;
    memcpy(copy, datagram, size);
    memset(copy + (asked->code.at - datagram), 0, octets);
    code(keys(device, asked->user), asked->user, copy, size, made);
    return !memcmp(made, asked->code.at, octets);
}

/* What is wrong with a request, in the order of RFC 3414, section 3.2; what is encrypted is decrypted into `plain`. */
static int judge(Device *device, V3 *asked, const octet *datagram, size_t size, octet *plain)
{
    Span content;
    if (size_of(asked->engine) != device->engine.size ||
        memcmp(asked->engine.at, device->engine.octets, device->engine.size))
        return UNKNOWN_ENGINE;
    if (asked->user < 0)
        return UNKNOWN_USER;
    if ((asked->flags & (AUTH | PRIV)) != (AUTH | PRIV))
        return WRONG_LEVEL;
    if (!is_authentic(device, asked, datagram, size))
        return WRONG_DIGEST;
    int64_t off = asked->time - engine_time(device);
    if (asked->boots != device->boots || off > WINDOW_S || off < -WINDOW_S)
        return NOT_IN_TIME;
    if (!take_as(&asked->data, OCTETS, &content) || size_of(asked->salt) != 8 || size_of(content) > LARGEST)
        return NOT_DECRYPTED;
    memcpy(plain, content.at, size_of(content));
    cipher(keys(device, asked->user), false, (uint32_t)asked->boots, (uint32_t)asked->time, asked->salt.at, plain,
           size_of(content));
    asked->data = (Span){plain, plain + size_of(content)};
    return *plain == SEQUENCE ? NO_REPORT : NOT_DECRYPTED;
}

static void put_report(Back *to, int report)
{
    const uint32_t counter[] = {1, 3, 6, 1, 6, 3, 15, 1, 1, (uint32_t)report, 0};
    const octet *end = to->at;
    put_unsigned(to, COUNTER32, ++counts.reports);
    put_object(to, counter, 11);
    put_head(to, SEQUENCE, end);
    put_head(to, SEQUENCE, end);
    put_number(to, INTEGER, 0);
    put_number(to, INTEGER, 0);
    put_number(to, INTEGER, 0);
    put_head(to, REPORT, end);
}

/* The PDU with its context; false: the request's is not understood. */
static bool put_scoped(Back *to, Device *device, const V3 *asked, int report)
{
    const octet *end = to->at;
    Span scoped, rest = asked->data, engine, context = {NULL, NULL};
    if (report) {
        put_report(to, report);
    } else {
        size_t room = least(largest, (size_t)(asked->largest < 484 ? 484 : asked->largest)) - V3_OVERHEAD;
        if (!take_as(&rest, SEQUENCE, &scoped) || !take_as(&scoped, OCTETS, &engine) ||
            !take_as(&scoped, OCTETS, &context) || !respond(scoped, device, room, to))
            return false;
    }
    put_field(to, OCTETS, context.at ? (const void *)context.at : "", size_of(context));
    put_field(to, OCTETS, device->engine.octets, device->engine.size);
    put_head(to, SEQUENCE, end);
    return true;
}

static bool answer_v3(Device *device, Span rest, const octet *datagram, size_t size, Back *to)
{
    static uint64_t salts;
    octet plain[LARGEST], salt[8], zeros[MOST_CODE] = {0};
    V3 asked;
    if (!read_v3(rest, &asked))
        return false;
    int report = judge(device, &asked, datagram, size, plain);
    /* Only one who has proved to know the key is told the time in an authentic report. */
    octet flags = !report ? AUTH | PRIV : report == NOT_IN_TIME ? AUTH : 0;
    uint32_t time = engine_time(device);
    octet *end = to->at, *code_at = NULL;
    if (!put_scoped(to, device, &asked, report))
        return false;
    if (flags & PRIV) {
        uint64_t next = ++salts;
        memcpy(salt, &next, sizeof salt);
        cipher(keys(device, asked.user), true, device->boots, time, salt, to->at, (size_t)(end - to->at));
        put_head(to, OCTETS, end);
    }
    const octet *security = to->at;
    put_field(to, OCTETS, salt, flags & PRIV ? sizeof salt : 0);
    put_field(to, OCTETS, zeros, flags & AUTH ? code_size(asked.user) : 0);
    code_at = to->at + 2;
    put_field(to, OCTETS, asked.name.at, size_of(asked.name));
    put_number(to, INTEGER, time);
    put_number(to, INTEGER, device->boots);
    put_field(to, OCTETS, device->engine.octets, device->engine.size);
    put_head(to, SEQUENCE, security);
    put_head(to, OCTETS, security);
    const octet *header = to->at;
    put_number(to, INTEGER, 3);
    put_field(to, OCTETS, &flags, 1);
    put_number(to, INTEGER, OWN_LARGEST);
    put_number(to, INTEGER, asked.id);
    put_head(to, SEQUENCE, header);
    put_number(to, INTEGER, 3);
    put_head(to, SEQUENCE, end);
    if (flags & AUTH) {
        code(keys(device, asked.user), asked.user, to->at, (size_t)(end - to->at), code_at);
        *code_at ^= device->fault == FORGED;
    }
    return true;
}

static bool answer_v2c(Device *device, Span rest, Back *to)
{
    const octet *end = to->at;
    Span name;
    if (!take_as(&rest, OCTETS, &name) || size_of(name) != strlen(community) ||
        memcmp(name.at, community, size_of(name)) || !respond(rest, device, largest - size_of(name) - 8, to))
        return false;
    put_field(to, OCTETS, name.at, size_of(name));
    put_number(to, INTEGER, 1);
    put_head(to, SEQUENCE, end);
    return true;
}

size_t answer(Device *device, const octet *datagram, size_t size, octet *buffer, const octet **start)
{
    Span whole = {datagram, datagram + size}, message;
    Back back = {buffer, buffer + LARGEST};
    int64_t version;
    bool answered = take_as(&whole, SEQUENCE, &message) && take_integer(&message, &version) &&
                    ((version == 3 && answer_v3(device, message, datagram, size, &back)) ||
                     (version == 1 && answer_v2c(device, message, &back)));
    *start = back.at;
    return answered ? (size_t)(buffer + LARGEST - back.at) : 0;
}
