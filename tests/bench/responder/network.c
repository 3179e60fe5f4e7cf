/* One socket that answers from the address that was asked; orders come by standard input, a line each. */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "responder.h"

enum { BATCH = 64, RECEIVE = 128 << 20, SEND = 16 << 20, MOST_LATE = 1 << 17, CUT = 10, CONTROL = 64, LINE = 256 };

/* An answer that is sent later. */
typedef struct {
    double due;
    struct sockaddr_in to;
    uint32_t from;
    size_t size;
    octet octets[];
} Late;

static Late *late[MOST_LATE]; /* a heap: the first is due first */
static size_t late_count;
static double delay_s;
static int port, listener;

void fail(const char *what, const char *which)
{
    fprintf(stderr, "responder: %s %s\n", what, which);
    exit(1);
}

static void swap(size_t one, size_t other)
{
    Late *kept = late[one];
    late[one] = late[other];
    late[other] = kept;
}

static void put_off(Late *answered)
{
    if (late_count == MOST_LATE)
        fail("too many answers are waiting", "");
    late[late_count] = answered;
    for (size_t at = late_count++; at && late[(at - 1) / 2]->due > late[at]->due; at = (at - 1) / 2)
        swap(at, (at - 1) / 2);
}

static Late *next_due(void)
{
    Late *first = late[0];
    late[0] = late[--late_count];
    for (size_t at = 0, child; (child = 2 * at + 1) < late_count; at = child) {
        child += child + 1 < late_count && late[child + 1]->due < late[child]->due;
        if (late[at]->due <= late[child]->due)
            break;
        swap(at, child);
    }
    return first;
}

/* Where a message comes from or goes to, as the kernel tells and takes it beside the message. */
typedef union {
    struct cmsghdr head;
    octet octets[CONTROL];
} Control;

static void address_from(struct msghdr *message, Control *control, uint32_t from)
{
    memset(control, 0, sizeof *control);
    message->msg_control = control;
    message->msg_controllen = CMSG_SPACE(sizeof(struct in_pktinfo));
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    head->cmsg_level = IPPROTO_IP;
    head->cmsg_type = IP_PKTINFO;
    head->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    ((struct in_pktinfo *)(void *)CMSG_DATA(head))->ipi_spec_dst.s_addr = htonl(from);
}

static uint32_t address_asked(struct msghdr *message)
{
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head))
        if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO)
            return ntohl(((struct in_pktinfo *)(void *)CMSG_DATA(head))->ipi_addr.s_addr);
    return INADDR_LOOPBACK;
}

static void send_late(void)
{
    while (late_count && late[0]->due <= now_s()) {
        Late *answered = next_due();
        struct iovec part = {answered->octets, answered->size};
        struct msghdr message = {.msg_name = &answered->to, .msg_namelen = sizeof answered->to, .msg_iov = &part, .msg_iovlen = 1};
        Control control;
        address_from(&message, &control, answered->from);
        sendmsg(listener, &message, 0);
        free(answered);
    }
}

/* What a device with that fault sends instead of an answer. */
static size_t spoiled(Device *device, const octet **start, size_t size)
{
    if (device->fault == TRUNCATED)
        return size > CUT ? size - CUT : 0;
    if (device->fault != REPLAYING)
        return size;
    if (!device->kept && (device->kept = malloc(size))) {
        memcpy(device->kept, *start, size);
        device->kept_size = size;
    }
    *start = device->kept;
    return device->kept_size;
}

typedef struct {
    octet heard[BATCH][LARGEST], answers[BATCH][LARGEST];
    struct sockaddr_in askers[BATCH];
    Control asked[BATCH], from[BATCH];
    struct iovec in[BATCH], out[BATCH];
    struct mmsghdr received[BATCH], sent[BATCH];
    int sending;
} Round;

static void answer_one(Round *round, int place)
{
    uint32_t address = address_asked(&round->received[place].msg_hdr);
    Device *device = device_of(address);
    const octet *start;
    counts.heard++;
    if (loses(device)) {
        counts.unheard++;
        return;
    }
    size_t size = answer(device, round->heard[place], round->received[place].msg_len, round->answers[place], &start);
    if (!size) {
        counts.refused++;
        return;
    }
    counts.answered++;
    size = spoiled(device, &start, size);
    uint32_t from = device->fault == ELSEWHERE ? address ^ 0x00800000U : address;
    double wait_s = device->fault == SLOW ? (double)device->value / 1000 : delay_s;
    if (wait_s > 0) {
        Late *answered = malloc(sizeof *answered + size);
        if (!answered)
            fail("no memory", "");
        *answered = (Late){now_s() + wait_s, round->askers[place], from, size};
        memcpy(answered->octets, start, size);
        put_off(answered);
        return;
    }
    int at = round->sending++;
    round->out[at] = (struct iovec){(void *)(uintptr_t)start, size};
    round->sent[at].msg_hdr = (struct msghdr){.msg_name = &round->askers[place], .msg_namelen = sizeof(struct sockaddr_in),
                                             .msg_iov = &round->out[at], .msg_iovlen = 1};
    address_from(&round->sent[at].msg_hdr, &round->from[at], from);
}

static void answer_all(void)
{
    static Round round;
    for (int place = 0; place < BATCH; place++) {
        round.in[place] = (struct iovec){round.heard[place], LARGEST};
        round.received[place].msg_hdr = (struct msghdr){.msg_name = &round.askers[place], .msg_namelen = sizeof(struct sockaddr_in),
                                                        .msg_iov = &round.in[place], .msg_iovlen = 1,
                                                        .msg_control = &round.asked[place], .msg_controllen = sizeof(Control)};
    }
    int heard = recvmmsg(listener, round.received, BATCH, MSG_DONTWAIT, NULL);
    round.sending = 0;
    for (int place = 0; place < heard; place++)
        answer_one(&round, place);
    for (int done = 0, sent; done < round.sending; done += sent > 0 ? sent : 1)
        sent = sendmmsg(listener, round.sent + done, (unsigned)(round.sending - done), 0);
}

static void show(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    printf("{\"heard\": %lu, \"answered\": %lu, \"refused\": %lu, \"unheard\": %lu, \"variables\": %lu, \"reports\": %lu, "
           "\"devices\": %zu, \"cpu_s\": %.6f}\n",
           counts.heard, counts.answered, counts.refused, counts.unheard, counts.variables, counts.reports, devices_made(), cpu_s);
}

/* "show", "fault ADDRESS NAME [VALUE]", "dead PERMILLE", "loss PERMILLE", "delay MILLISECONDS"; each is answered by a line. */
static void obey(char *line)
{
    char address[32], name[32], value[32] = "";
    struct in_addr found;
    const char *wrong = NULL;
    if (!strncmp(line, "show", 4)) {
        show();
        return;
    }
    if (sscanf(line, "fault %31s %31s %31s", address, name, value) >= 2 && inet_aton(address, &found))
        wrong = set_fault(ntohl(found.s_addr), name, value);
    else if (sscanf(line, "dead %31s", value) == 1)
        dead_share(strtol(value, NULL, 10));
    else if (sscanf(line, "loss %31s", value) == 1)
        loss_share(strtol(value, NULL, 10));
    else if (sscanf(line, "delay %31s", value) == 1)
        delay_s = strtod(value, NULL) / 1000;
    else
        wrong = "no such order";
    printf("%s\n", wrong ? wrong : "done");
}

/* False: nobody gives orders any more. */
static bool read_orders(void)
{
    static char text[LINE];
    static size_t kept;
    ssize_t got = read(STDIN_FILENO, text + kept, sizeof text - kept - 1);
    if (got <= 0)
        return false;
    text[kept += (size_t)got] = 0;
    for (char *end; (end = strchr(text, '\n'));) {
        *end++ = 0;
        obey(text);
        kept -= (size_t)(end - text);
        memmove(text, end, kept + 1);
    }
    fflush(stdout);
    return kept < sizeof text - 1;
}

static void open_socket(void)
{
    int on = 1, receive = RECEIVE, send = SEND;
    socklen_t size = sizeof(struct sockaddr_in);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    listener = socket(AF_INET, SOCK_DGRAM, 0);
    if (setsockopt(listener, SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof receive))
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
    if (setsockopt(listener, SOL_SOCKET, SO_SNDBUFFORCE, &send, sizeof send))
        setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
    setsockopt(listener, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof here) ||
        getsockname(listener, (struct sockaddr *)&here, &size))
        fail("cannot listen:", strerror(errno));
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
}

/* responder PORT OBJECTS COMMUNITY [NAME HASH AUTH PRIV]...; port 0 is any, and the first line told is which. */
int main(int count, char **words)
{
    if (count < 4 || (count - 4) % 4)
        fail("usage: responder PORT OBJECTS COMMUNITY [NAME sha|sha256 AUTH PRIV]...", "");
    port = atoi(words[1]);
    read_objects(words[2]);
    set_community(words[3]);
    for (int place = 4; place < count; place += 4)
        add_user(words[place], words[place + 1], words[place + 2], words[place + 3]);
    open_socket();
    for (;;) {
        struct pollfd ready[] = {{listener, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        double wait_s = late_count ? late[0]->due - now_s() : 1;
        if (poll(ready, 2, wait_s <= 0 ? 0 : (int)(wait_s * 1000) + 1) < 0 && errno != EINTR)
            fail("cannot wait:", strerror(errno));
        send_late();
        if (ready[0].revents)
            answer_all();
        if (ready[1].revents && !read_orders())
            return 0;
    }
}
