/* Run a program and tell what it took: measure RESULT SECONDS PROGRAM [ARGUMENTS]
 *
 * Writes one line of JSON into the file RESULT: wall and CPU seconds, peak memory, exit code. The program is killed
 * after so many SECONDS. This is small on purpose: the peak memory that the kernel tells of a process is never below
 * that of the process which started it. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void stop(int number) {
    (void)number;
    kill(child, SIGKILL);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int count, char **arguments) {
    if (count < 4) return 2;
    signal(SIGALRM, stop);
    signal(SIGTERM, stop);
    double begun = now();
    child = fork();
    if (child == 0) {
        execvp(arguments[3], arguments + 3);
        perror(arguments[3]);
        _exit(127);
    }
    alarm((unsigned)atoi(arguments[2]));
    int status = 0;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0) continue; /* interrupted by the alarm */
    double wall = now() - begun;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE *result = fopen(arguments[1], "w");
    if (!result) {
        perror(arguments[1]);
        return 2;
    }
    fprintf(result, "{\"seconds\":%.6f,\"user\":%.6f,\"system\":%.6f,\"peak_kib\":%ld,\"exit\":%d}\n", wall,
            seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss, code);
    if (fclose(result)) {
        perror(arguments[1]);
        return 2;
    }
    return 0;
}
