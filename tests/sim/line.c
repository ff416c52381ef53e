/* line.c — see line.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#define _GNU_SOURCE
#include "line.h"
#include "kernel/arch/host/host.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define RX_RING 4608
#define TX_RING 512

static struct {
    struct mn_link link;
    uint8_t rx[RX_RING], tx[TX_RING];
    int listener;          /* -1: none */
    int fd;                /* -1: nobody is connected */
    bool reading, writing; /* watched for */
} line = {.listener = -1, .fd = -1};

static void readable(int fd, void *owner);
static void writable(int fd, void *owner);

static void watch_reading(bool on)
{
    if (on == line.reading) return;
    line.reading = on;
    if (on)
        mn_host_add_fd(line.fd, false, readable, NULL);
    else
        mn_host_remove_fd(line.fd, false);
}

static void watch_writing(bool on)
{
    if (on == line.writing) return;
    line.writing = on;
    if (on)
        mn_host_add_fd(line.fd, true, writable, NULL);
    else
        mn_host_remove_fd(line.fd, true);
}

static void hang_up(void)
{
    if (line.fd < 0) return;
    watch_reading(false);
    watch_writing(false);
    close(line.fd);
    line.fd = -1;
}

/* The rest stays in the ring until the line takes more; without a cable it is gone. */
static void send_out(void)
{
    for (;;) {
        struct mn_grant grant = mn_bbq_read_grant(&line.link.tx);
        if (!grant.len) break;
        ssize_t sent = line.fd < 0 ? (ssize_t)grant.len : write(line.fd, grant.buf, grant.len);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            mn_bbq_release(&grant, 0);
            watch_writing(true);
            return;
        }
        mn_bbq_release(&grant, sent > 0 ? (uint32_t)sent : 0);
        if (sent <= 0) hang_up();
    }
    if (line.fd >= 0) watch_writing(false);
}

static void readable(int fd, void *owner)
{
    uint8_t bytes[512];
    uint32_t room = mn_bbq_room(&line.link.rx);
    (void)owner;
    if (fd != line.fd) return; /* replaced by another cable since poll() looked */
    if (!room) {
        watch_reading(false); /* the line holds the bytes back, see drained() */
        return;
    }
    ssize_t got = read(fd, bytes, room < sizeof bytes ? room : sizeof bytes);
    if (got > 0)
        mn_bbq_put(&line.link.rx, bytes, (uint32_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        hang_up();
}

static void writable(int fd, void *owner)
{
    (void)owner;
    if (fd == line.fd) send_out();
}

static void kick(struct mn_link *link)
{
    (void)link;
    send_out();
}

static void drained(struct mn_link *link)
{
    (void)link;
    if (line.fd >= 0) watch_reading(true);
}

static void connected(int fd, void *owner)
{
    (void)owner;
    int one = 1, came = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (came < 0) return;
    hang_up(); /* one cable: the last one counts */
    (void)setsockopt(came, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    line.fd = came;
    watch_reading(true);
}

static bool listen_on(int fd, const struct sockaddr *address, socklen_t len)
{
    int one = 1;
    if (fd < 0) return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, address, len) || listen(fd, 1)) return false;
    line.listener = fd;
    mn_host_add_fd(fd, false, connected, NULL);
    return true;
}

static bool open_tcp(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!listen_on(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&address,
                   len))
        return false;
    if (getsockname(line.listener, (struct sockaddr *)&address, &len)) return false;
    printf("tcp:127.0.0.1:%u\n", ntohs(address.sin_port));
    return true;
}

static bool open_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    if (!listen_on(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&address,
                   sizeof address))
        return false;
    printf("unix:%s\n", path);
    return true;
}

static bool open_pty(const char *path)
{
    struct termios raw;
    line.fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (line.fd < 0 || grantpt(line.fd) || unlockpt(line.fd)) return false;
    const char *slave = ptsname(line.fd);
    int held = slave ? open(slave, O_RDWR | O_NOCTTY | O_CLOEXEC)
                     : -1; /* else the master sees a hang-up */
    if (held < 0 || tcgetattr(held, &raw)) return false;
    cfmakeraw(&raw);
    if (tcsetattr(held, TCSANOW, &raw)) return false;
    unlink(path);
    if (symlink(slave, path)) return false;
    watch_reading(true);
    printf("pty:%s\n", path);
    return true;
}

struct mn_link *line_open(const char *place, uint32_t baud)
{
    mn_bbq_init(&line.link.rx, line.rx, sizeof line.rx);
    mn_bbq_init(&line.link.tx, line.tx, sizeof line.tx);
    line.link.kick = kick;
    line.link.drained = drained;
    line.link.baud = baud;
    errno = EINVAL;
    bool open = !strncmp(place, "tcp:", 4)    ? open_tcp(place + 4)
                : !strncmp(place, "unix:", 5) ? open_unix(place + 5)
                                              : !strncmp(place, "pty:", 4) && open_pty(place + 4);
    if (!open) {
        fprintf(stderr, "mnemos-sim: %s: %s\n", place, strerror(errno));
        return NULL;
    }
    fflush(stdout);
    return &line.link;
}
