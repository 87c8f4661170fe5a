#include "tls.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>

static SSL_CTX *context;

void tls_begin(const char *certificate, const char *key) {
    context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
}

void *tls_make(int socket) {
    SSL *tls = SSL_new(context);
    SSL_set_fd(tls, socket);
    SSL_set_accept_state(tls);
    return tls;
}

void tls_free(void *tls) {
    SSL_shutdown(tls);
    SSL_free(tls);
    ERR_clear_error();
}

static ssize_t outcome(SSL *tls, int result) {
    if (result > 0) return result;
    int error = SSL_get_error(tls, result);
    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

ssize_t tls_read(void *tls, char *bytes, size_t size) { return outcome(tls, SSL_read(tls, bytes, (int)size)); }

ssize_t tls_write(void *tls, const char *bytes, size_t size) {
    return outcome(tls, SSL_write(tls, bytes, (int)size));
}
#else
void tls_begin(const char *certificate, const char *key) {
    (void)key;
    fprintf(stderr, "%s: this server was built without TLS.\n", certificate);
    exit(1);
}

void *tls_make(int socket) {
    (void)socket;
    abort();
}

void tls_free(void *tls) { (void)tls; }

ssize_t tls_read(void *tls, char *bytes, size_t size) {
    (void)tls, (void)bytes, (void)size;
    return -1;
}

ssize_t tls_write(void *tls, const char *bytes, size_t size) {
    (void)tls, (void)bytes, (void)size;
    return -1;
}
#endif
