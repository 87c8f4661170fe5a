/* Growing texts, the codings that S3 needs, and the checksums of small bodies. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes; /* not ended by a NUL unless text_end was called */
    size_t size;
    size_t room;
};

void text_reserve(struct text *text, size_t more);
void text_bytes(struct text *text, const char *bytes, size_t size);
void text_add(struct text *text, const char *words);
void text_number(struct text *text, uint64_t number);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *text_end(struct text *text); /* puts a NUL behind the text, which is not counted, and gives the text */
void text_free(struct text *text);

/* Add a name as XML text, or percent-encoded as `encoding-type=url` asks for. */
void text_name(struct text *text, const char *name, size_t size, bool percent);
void text_hex(struct text *text, const char *bytes, size_t size);

/* Both decode in place and give the new size. */
size_t decode_percent(char *words, bool plus_is_space);
size_t decode_xml(char *words);
int hex_value(char digit);

struct md5 {
    uint32_t state[4];
    uint64_t size;
    unsigned char block[64];
};

void md5_begin(struct md5 *md5);
void md5_add(struct md5 *md5, const void *bytes, size_t size);
void md5_end(struct md5 *md5, unsigned char digest[16]);
void md5_hex(const void *bytes, size_t size, char hex[33]);
void hex_of(const unsigned char *bytes, size_t size, char *hex); /* with a NUL behind it */
void md5_base64(const void *bytes, size_t size, char base64[25]);
void base64_of(const unsigned char *bytes, size_t size, char *base64); /* the same */

/* CRC-32 as in zlib, in the Base64 of its four bytes, as x-amz-checksum-crc32 carries it. */
void crc32_base64(const void *bytes, size_t size, char base64[9]);

#endif
