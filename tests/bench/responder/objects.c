/* What all agents hold: lines "OID KIND [VALUE [RATE]]" of a file, in order of their identifiers when they are read. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "responder.h"

enum { MOST_OBJECTS = 4096, MOST_OCTETS = 255, SPREAD = 1000000, STEP_S = 30 };

typedef enum { FIXED, UPTIME, COUNTS32, COUNTS64, WANDERS, NAME, ENGINE_ID, BOOTS, ENGINE_TIME } Moves;

struct Object {
    uint32_t numbers[LONGEST];
    int count;
    Moves moves;
    uint64_t value, rate; /* of what moves: where it begins, and how fast it grows a second or how far it wanders */
    octet field[MOST_OCTETS + 3]; /* of what is fixed: the whole value */
    size_t field_size;
    octet name[LONGEST * 5];
    size_t name_size;
};

static Object *objects;
static int object_count;

static int compare(const uint32_t *one, int one_count, const uint32_t *other, int other_count)
{
    int both = one_count < other_count ? one_count : other_count;
    for (int place = 0; place < both; place++)
        if (one[place] != other[place])
            return one[place] < other[place] ? -1 : 1;
    return one_count - other_count;
}

static int in_order(const void *one, const void *other)
{
    const Object *left = one, *right = other;
    return compare(left->numbers, left->count, right->numbers, right->count);
}

static int numbers_in(const char *text, uint32_t *numbers)
{
    int count = 0;
    for (char *rest; *text && count < LONGEST; text = *rest == '.' ? rest + 1 : rest) {
        numbers[count++] = (uint32_t)strtoul(text, &rest, 10);
        if (rest == text)
            fail("not an object identifier:", text);
    }
    return count;
}

/* The value of what never changes, as it is sent. */
static bool fixed(Object *object, const char *kind, const char *value)
{
    octet buffer[MOST_OCTETS + 3];
    Back back = {buffer, buffer + sizeof buffer};
    if (!strcmp(kind, "integer")) {
        put_number(&back, INTEGER, strtoll(value, NULL, 10));
    } else if (!strcmp(kind, "gauge")) {
        put_unsigned(&back, GAUGE32, strtoull(value, NULL, 10));
    } else if (!strcmp(kind, "ticks")) {
        put_unsigned(&back, TICKS, strtoull(value, NULL, 10));
    } else if (!strcmp(kind, "object")) {
        uint32_t numbers[LONGEST];
        put_object(&back, numbers, numbers_in(value, numbers));
    } else if (!strcmp(kind, "address")) {
        uint32_t address = inet_addr(value);
        put_field(&back, ADDRESS, &address, 4);
    } else if (!strcmp(kind, "octets")) {
        const octet *end = back.at;
        for (size_t at = strlen(value) / 2; at--;) {
            const char pair[3] = {value[2 * at], value[2 * at + 1], 0};
            put(&back, &(octet){(octet)strtoul(pair, NULL, 16)}, 1);
        }
        put_head(&back, OCTETS, end);
    } else {
        return false;
    }
    object->field_size = (size_t)(buffer + sizeof buffer - back.at);
    memcpy(object->field, back.at, object->field_size);
    return true;
}

static bool moving(Object *object, const char *kind, const char *value, const char *rate)
{
    static const char *const KINDS[] = {"", "uptime", "counter32", "counter64", "wander", "name", "engine-id", "boots", "engine-time"};
    for (size_t moves = UPTIME; moves <= ENGINE_TIME; moves++)
        if (!strcmp(kind, KINDS[moves])) {
            object->moves = (Moves)moves;
            object->value = strtoull(value, NULL, 10);
            object->rate = strtoull(rate, NULL, 10);
            return true;
        }
    return false;
}

void read_objects(const char *path)
{
    char line[1024], oid[256], kind[32], value[640], rate[32];
    FILE *file = fopen(path, "r");
    if (!file || !(objects = calloc(MOST_OBJECTS, sizeof *objects)))
        fail("cannot read the objects:", path);
    while (fgets(line, sizeof line, file)) {
        *value = *rate = 0;
        if (object_count == MOST_OBJECTS || sscanf(line, "%255s %31s %639s %31s", oid, kind, value, rate) < 2)
            fail("too many objects, or not one:", line);
        Object *object = &objects[object_count++];
        object->count = numbers_in(oid, object->numbers);
        if (!fixed(object, kind, value) && !moving(object, kind, value, rate))
            fail("no such kind of value:", line);
        octet buffer[sizeof object->name];
        Back back = {buffer, buffer + sizeof buffer};
        put_object(&back, object->numbers, object->count);
        object->name_size = (size_t)(buffer + sizeof buffer - back.at);
        memcpy(object->name, back.at, object->name_size);
    }
    fclose(file);
    qsort(objects, (size_t)object_count, sizeof *objects, in_order);
}

/* The first object that is not before `numbers`, or not before what follows them. */
static const Object *from(const uint32_t *numbers, int count, bool strictly)
{
    int low = 0, high = object_count;
    while (low < high) {
        int middle = (low + high) / 2;
        int order = compare(objects[middle].numbers, objects[middle].count, numbers, count);
        if (order < 0 || (strictly && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low < object_count ? &objects[low] : NULL;
}

const Object *exactly(const uint32_t *numbers, int count)
{
    const Object *found = from(numbers, count, false);
    return found && !compare(found->numbers, found->count, numbers, count) ? found : NULL;
}

const Object *after(const uint32_t *numbers, int count) { return from(numbers, count, true); }

const Object *following(const Object *object) { return object + 1 < objects + object_count ? object + 1 : NULL; }

Span name_of(const Object *object) /* without its head, which is of two octets */
{
    return (Span){object->name + 2, object->name + object->name_size};
}

size_t room_for(const Object *object)
{
    size_t value = object->moves == FIXED                                      ? object->field_size
                   : object->moves == NAME || object->moves == ENGINE_ID ? 24
                   : object->moves == COUNTS64                           ? 11
                                                                         : 7;
    size_t size = object->name_size + value;
    return size + (size < 128 ? 2 : 4);
}

/* Of a device with half tables, the columns after the first have no value in rows of an even number. */
bool is_hidden(const Object *object, const Device *device)
{
    uint32_t row = object->numbers[object->count - 1], column = object->numbers[object->count - 2];
    return device->fault == HALF && row && row % 2 == 0 && column > 5;
}

static void put_value(Back *to, const Object *object, const Device *device)
{
    double age_s = now_s() - device->born;
    uint64_t grown = object->value + device->hash % SPREAD + (uint64_t)((double)object->rate * age_s);
    char name[24];
    switch (object->moves) {
    case FIXED:
        put(to, object->field, object->field_size);
        break;
    case UPTIME:
        put_unsigned(to, TICKS, (uint32_t)(uint64_t)(age_s * 100));
        break;
    case COUNTS32:
        put_unsigned(to, COUNTER32, (uint32_t)grown);
        break;
    case COUNTS64:
        put_unsigned(to, COUNTER64, grown);
        break;
    case WANDERS: /* another value every half minute, none for which an alarm is due if it is no such base */
        put_unsigned(to, GAUGE32, object->value + (device->hash + (uint64_t)(age_s / STEP_S) * 7) % (object->rate + 1));
        break;
    case NAME:
        snprintf(name, sizeof name, "dev-%u-%u-%u", device->address >> 16 & 0xff, device->address >> 8 & 0xff,
                 device->address & 0xff);
        put_field(to, OCTETS, name, strlen(name));
        break;
    case ENGINE_ID:
        put_field(to, OCTETS, device->engine.octets, device->engine.size);
        break;
    case BOOTS:
        put_number(to, INTEGER, device->boots);
        break;
    case ENGINE_TIME:
        put_number(to, INTEGER, engine_time(device));
        break;
    }
}

void put_variable(Back *to, const Object *object, const Device *device)
{
    const octet *end = to->at;
    put_value(to, object, device);
    put(to, object->name, object->name_size);
    put_head(to, SEQUENCE, end);
}
