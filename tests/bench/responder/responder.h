/* What the parts of the agent simulator share. One process is an agent on every address of 127/8, at one port. */

#ifndef RESPONDER_H
#define RESPONDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t octet;

enum { LARGEST = 2048, /* octets of a datagram */ LONGEST = 40 /* numbers of an object identifier */ };

/* Tags that more than one part writes or reads. */
enum {
    INTEGER = 0x02, OCTETS = 0x04, NOTHING = 0x05, OBJECT = 0x06, SEQUENCE = 0x30,
    ADDRESS = 0x40, COUNTER32 = 0x41, GAUGE32 = 0x42, TICKS = 0x43, COUNTER64 = 0x46,
    NO_SUCH_INSTANCE = 0x81, END_OF_MIB = 0x82,
    GET = 0xa0, GET_NEXT = 0xa1, RESPONSE = 0xa2, GET_BULK = 0xa5, REPORT = 0xa8
};

/* wire.c: BER. What is read is a span of octets; what is written grows from the end of a buffer to its front, so that
   every length is known when its head is written. */
typedef struct { const octet *at, *end; } Span;
typedef struct { octet *floor, *at; } Back;

size_t size_of(Span span);
bool take(Span *from, int *tag, Span *content);
bool take_as(Span *from, int tag, Span *content);
bool take_integer(Span *from, int64_t *value);
int read_object(Span content, uint32_t *numbers); /* how many; 0: it is none */
void put(Back *to, const void *octets, size_t size);
void put_head(Back *to, int tag, const octet *end); /* the head of what lies between `at` and `end` */
void put_field(Back *to, int tag, const void *octets, size_t size);
void put_number(Back *to, int tag, int64_t value);
void put_unsigned(Back *to, int tag, uint64_t value);
void put_object(Back *to, const uint32_t *numbers, int count);

/* usm.c: what a user's keys are on one engine, and what they do (RFC 3414, 3826, 7860). */
enum { MOST_USERS = 4, MOST_CODE = 24 };
typedef struct Keys Keys;
typedef struct { octet octets[17]; size_t size; } Engine;

void add_user(const char *name, const char *hash, const char *auth, const char *priv);
int user_of(Span name); /* -1: nobody */
Keys *keys_of(int user, const Engine *engine);
size_t code_size(int user);
void code(const Keys *keys, int user, const octet *message, size_t size, octet *made);
void cipher(const Keys *keys, bool encrypt, uint32_t boots, uint32_t time, const octet *salt, octet *text, size_t size);

/* devices.c: one agent for each address, made when it is first asked; and what is wrong with it. */
typedef enum {
    HEALTHY, DEAD, SLOW, LOSSY, CLONED, HALF, ELSEWHERE, OTHER_ID, TRUNCATED, REPLAYING, CLOCK, TOO_BIG, FORGED, REFUSING
} Kind;

typedef struct Device {
    uint32_t address; /* host's order */
    uint32_t hash;
    Engine engine;
    double born; /* on this process's clock, in seconds */
    uint32_t boots;
    Kind fault;
    long value;
    uint32_t heard;
    Keys *keys[MOST_USERS];
    octet *kept; /* the first answer of one that replays */
    size_t kept_size;
} Device;

double now_s(void);
Device *device_of(uint32_t address);
void dead_share(long permille);
void loss_share(long permille);
bool loses(Device *device); /* whether it does not hear what came just now */
const char *set_fault(uint32_t address, const char *name, const char *value); /* what is wrong with the order, or NULL */
void reboot(Device *device);
uint32_t engine_time(const Device *device);
size_t devices_made(void);

/* objects.c: what all agents hold, from a file; values may differ by device and move with time. */
typedef struct Object Object;
void read_objects(const char *path);
const Object *exactly(const uint32_t *numbers, int count);
const Object *after(const uint32_t *numbers, int count);
const Object *following(const Object *object);
Span name_of(const Object *object);
size_t room_for(const Object *object); /* octets of its variable, at most */
bool is_hidden(const Object *object, const Device *device);
void put_variable(Back *to, const Object *object, const Device *device);

/* message.c: the answer to a datagram, in `buffer` from `*start` on; its octets, 0: there is none. */
size_t answer(Device *device, const octet *datagram, size_t size, octet *buffer, const octet **start);
void set_community(const char *community);
void set_largest(size_t octets);

/* pdu.c: the answer to a request's PDU, written in front of what is in `to`; false: it is not understood. */
bool respond(Span pdu, const Device *device, size_t room, Back *to);

/* What was heard and done, of all devices. */
typedef struct { uint64_t heard, answered, refused, unheard, variables, reports; } Counts;
extern Counts counts;

void fail(const char *what, const char *which);

#endif
