/* TLS by OpenSSL where the compiler found it; without it only plain HTTP is served. */
#ifndef TLS_H
#define TLS_H

#include <stddef.h>
#include <sys/types.h>

void tls_begin(const char *certificate, const char *key);
void *tls_make(int socket);
void tls_free(void *tls);
/* Both give the bytes that went through, 0 when it has to wait, and -1 when the connection is over. */
ssize_t tls_read(void *tls, char *bytes, size_t size);
ssize_t tls_write(void *tls, const char *bytes, size_t size);

#endif
