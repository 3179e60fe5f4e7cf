/* GET, GETNEXT and GETBULK (RFC 3416, section 4.2). */

#include "responder.h"

enum { MOST_VARIABLES = 512, TOO_BIG_STATUS = 1, GENERAL_ERROR = 5, OVERHEAD = 24 };

/* One variable of the answer: an object, or a name as it was asked and what stands for its value. */
typedef struct {
    const Object *object;
    Span name;
    int marker;
} Variable;

typedef struct {
    Variable variables[MOST_VARIABLES];
    int count;
    size_t size;
} Answer;

typedef struct {
    int tag;
    int64_t id, first, second; /* error status and index, or non-repeaters and repetitions */
    Span variables;
} Request;

static bool add(Answer *answer, Variable variable, size_t room)
{
    size_t needs = variable.object ? room_for(variable.object) : size_of(variable.name) + 8;
    if (answer->count == MOST_VARIABLES || answer->size + needs > room)
        return false;
    answer->size += needs;
    answer->variables[answer->count++] = variable;
    return true;
}

static const Object *shown(const Object *object, const Device *device)
{
    while (object && is_hidden(object, device))
        object = following(object);
    return object;
}

static Variable one(int tag, Span name, const Device *device)
{
    uint32_t numbers[LONGEST];
    int count = read_object(name, numbers);
    if (tag != GET)
        return (Variable){shown(after(numbers, count), device), name, END_OF_MIB};
    const Object *found = exactly(numbers, count);
    return (Variable){found && is_hidden(found, device) ? NULL : found, name, NO_SUCH_INSTANCE};
}

/* False: it does not fit. */
static bool collect(const Request *request, const Device *device, size_t room, Answer *answer)
{
    Variable repeated[MOST_VARIABLES];
    int columns = 0;
    Span rest = request->variables, pair, name;
    int64_t single = request->tag == GET_BULK ? request->first : MOST_VARIABLES;
    while (rest.at < rest.end && take_as(&rest, SEQUENCE, &pair) && take_as(&pair, OBJECT, &name)) {
        Variable found = one(request->tag, name, device);
        if (single-- > 0) {
            if (!add(answer, found, room))
                return false;
        } else if (columns < MOST_VARIABLES) {
            repeated[columns++] = found;
        }
    }
    for (int64_t row = 0; row < request->second && columns && request->tag == GET_BULK; row++)
        for (int column = 0; column < columns; column++) {
            if (!add(answer, repeated[column], room))
                return answer->count > 0;
            if (repeated[column].object) {
                repeated[column].name = name_of(repeated[column].object); /* that of the end, if it is one */
                repeated[column].object = shown(following(repeated[column].object), device);
            }
        }
    return true;
}

static int asked(Span variables)
{
    int count = 0;
    for (Span pair; take_as(&variables, SEQUENCE, &pair);)
        count++;
    return count;
}

bool respond(Span pdu, const Device *device, size_t room, Back *to)
{
    static Answer answer;
    Request request;
    Span body;
    if (!take(&pdu, &request.tag, &body) || !take_integer(&body, &request.id) || !take_integer(&body, &request.first) ||
        !take_integer(&body, &request.second) || !take_as(&body, SEQUENCE, &request.variables) ||
        (request.tag != GET && request.tag != GET_NEXT && request.tag != GET_BULK))
        return false;
    answer.count = 0, answer.size = OVERHEAD;
    int status = 0;
    if (device->fault == REFUSING)
        status = GENERAL_ERROR;
    else if (device->fault == TOO_BIG && asked(request.variables) > device->value)
        status = TOO_BIG_STATUS;
    else if (!collect(&request, device, room, &answer))
        status = TOO_BIG_STATUS;
    const octet *end = to->at;
    for (int place = status ? 0 : answer.count; place--;) {
        const Variable *variable = &answer.variables[place];
        if (variable->object) {
            put_variable(to, variable->object, device);
            continue;
        }
        const octet *after_it = to->at;
        put_field(to, variable->marker, "", 0);
        put_field(to, OBJECT, variable->name.at, size_of(variable->name));
        put_head(to, SEQUENCE, after_it);
    }
    counts.variables += status ? 0 : (uint64_t)answer.count;
    put_head(to, SEQUENCE, end);
    put_number(to, INTEGER, status == GENERAL_ERROR ? 1 : 0);
    put_number(to, INTEGER, status);
    put_number(to, INTEGER, device->fault == OTHER_ID ? (request.id ^ 0x55) & 0x7fffffff : request.id);
    put_head(to, RESPONSE, end);
    return true;
}
