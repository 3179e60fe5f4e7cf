/* BER as SNMP uses it: definite lengths, one octet of tag. */

#include <string.h>

#include "responder.h"

size_t size_of(Span span) { return (size_t)(span.end - span.at); }

bool take(Span *from, int *tag, Span *content)
{
    if (size_of(*from) < 2)
        return false;
    *tag = *from->at++;
    size_t length = *from->at++;
    if (length & 0x80) {
        size_t octets = length & 0x7f;
        if (octets < 1 || octets > 3 || octets > size_of(*from))
            return false;
        for (length = 0; octets; octets--)
            length = length << 8 | *from->at++;
    }
    if (length > size_of(*from))
        return false;
    *content = (Span){from->at, from->at + length};
    from->at += length;
    return true;
}

bool take_as(Span *from, int tag, Span *content)
{
    int found;
    return take(from, &found, content) && found == tag;
}

bool take_integer(Span *from, int64_t *value)
{
    Span content;
    if (!take_as(from, INTEGER, &content) || content.at == content.end || size_of(content) > 8)
        return false;
    uint64_t read = content.at[0] & 0x80 ? UINT64_MAX : 0;
    while (content.at < content.end)
        read = read << 8 | *content.at++;
    *value = (int64_t)read;
    return true;
}

int read_object(Span content, uint32_t *numbers)
{
    if (content.at == content.end || content.end[-1] & 0x80)
        return 0;
    int count = 0;
    uint32_t number = 0;
    for (; content.at < content.end; content.at++) {
        number = number << 7 | (*content.at & 0x7f);
        if (*content.at & 0x80)
            continue;
        if (count == 0) {
            uint32_t first = number < 80 ? number / 40 : 2;
            numbers[count++] = first;
            number -= first * 40;
        }
        if (count == LONGEST)
            return 0;
        numbers[count++] = number;
        number = 0;
    }
    return count;
}

void put(Back *to, const void *octets, size_t size)
{
    if ((size_t)(to->at - to->floor) < size)
        fail("an answer is larger than its buffer", "");
    to->at -= size;
    memcpy(to->at, octets, size);
}

void put_head(Back *to, int tag, const octet *end)
{
    size_t length = (size_t)(end - to->at);
    octet one = (octet)length, long_form[2] = {0x81, one}, longer_form[3] = {0x82, (octet)(length >> 8), one};
    if (length < 0x80)
        put(to, &one, 1);
    else if (length < 0x100)
        put(to, long_form, 2);
    else
        put(to, longer_form, 3);
    put(to, &(octet){(octet)tag}, 1);
}

void put_field(Back *to, int tag, const void *octets, size_t size)
{
    const octet *end = to->at;
    put(to, octets, size);
    put_head(to, tag, end);
}

void put_number(Back *to, int tag, int64_t value)
{
    const octet *end = to->at;
    int64_t rest = value;
    do {
        put(to, &(octet){(octet)rest}, 1);
        rest >>= 8;
    } while (rest != 0 && rest != -1);
    if ((value < 0) != (*to->at >> 7))
        put(to, &(octet){value < 0 ? 0xff : 0}, 1);
    put_head(to, tag, end);
}

void put_unsigned(Back *to, int tag, uint64_t value)
{
    const octet *end = to->at;
    do {
        put(to, &(octet){(octet)value}, 1);
        value >>= 8;
    } while (value);
    if (*to->at & 0x80)
        put(to, &(octet){0}, 1);
    put_head(to, tag, end);
}

void put_object(Back *to, const uint32_t *numbers, int count)
{
    const octet *end = to->at;
    for (int place = count - 1; place > 0; place--) {
        uint32_t number = place == 1 ? numbers[0] * 40 + numbers[1] : numbers[place];
        put(to, &(octet){number & 0x7f}, 1);
        while (number >>= 7)
            put(to, &(octet){(octet)(number | 0x80)}, 1);
    }
    put_head(to, OBJECT, end);
}
