#define _GNU_SOURCE
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_reserve(struct text *text, size_t more) {
    if (text->size + more <= text->room) return;
    text->room = (text->size + more) * 3 / 2 + 256;
    text->bytes = realloc(text->bytes, text->room);
    if (!text->bytes) abort();
}

void text_bytes(struct text *text, const char *bytes, size_t size) {
    if (!size) return;
    text_reserve(text, size);
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

void text_add(struct text *text, const char *words) { text_bytes(text, words, strlen(words)); }

void text_number(struct text *text, uint64_t number) {
    char digits[20];
    int first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    text_bytes(text, digits + first, sizeof digits - first);
}

void text_format(struct text *text, const char *format, ...) {
    va_list values;
    va_start(values, format);
    char *made = NULL;
    int size = vasprintf(&made, format, values);
    va_end(values);
    if (size < 0) abort();
    text_bytes(text, made, size);
    free(made);
}

char *text_end(struct text *text) {
    text_reserve(text, 1);
    text->bytes[text->size] = 0;
    return text->bytes;
}

void text_free(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

static const char HEX[] = "0123456789ABCDEF";

static bool is_plain(unsigned char letter) {
    return letter < 128 && (isalnum(letter) || letter == '-' || letter == '_' || letter == '.' || letter == '~' ||
                            letter == '/');
}

static const char *xml_entity(char letter) {
    switch (letter) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\r': return "&#13;"; /* a parser of XML would make a newline of it */
    default: return NULL;
    }
}

void text_name(struct text *text, const char *name, size_t size, bool percent) {
    size_t from = 0;
    for (size_t i = 0; i < size; i++) {
        if (percent ? is_plain(name[i]) : !xml_entity(name[i])) continue;
        text_bytes(text, name + from, i - from);
        from = i + 1;
        if (percent) {
            unsigned char byte = name[i];
            text_bytes(text, (char[]){'%', HEX[byte >> 4], HEX[byte & 15]}, 3);
        } else {
            text_add(text, xml_entity(name[i]));
        }
    }
    text_bytes(text, name + from, size - from);
}

void text_hex(struct text *text, const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = bytes[i];
        text_bytes(text, (char[]){HEX[byte >> 4], HEX[byte & 15]}, 2);
    }
}

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    int letter = (digit | 32) - 'a';
    return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

size_t decode_percent(char *words, bool plus_is_space) {
    char *to = words;
    for (char *from = words; *from; from++) {
        if (*from == '%' && hex_value(from[1]) >= 0 && hex_value(from[2]) >= 0) {
            *to++ = (char)(hex_value(from[1]) * 16 + hex_value(from[2]));
            from += 2;
        } else {
            *to++ = plus_is_space && *from == '+' ? ' ' : *from;
        }
    }
    *to = 0;
    return to - words;
}

static char *put_utf8(char *to, unsigned long point) {
    if (point < 0x80) {
        *to++ = (char)point;
        return to;
    }
    if (point < 0x800) {
        *to++ = (char)(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *to++ = (char)(0xE0 | point >> 12);
        } else {
            *to++ = (char)(0xF0 | point >> 18);
            *to++ = (char)(0x80 | (point >> 12 & 63));
        }
        *to++ = (char)(0x80 | (point >> 6 & 63));
    }
    *to++ = (char)(0x80 | (point & 63));
    return to;
}

size_t decode_xml(char *words) {
    static const struct {
        const char *entity;
        char letter;
    } NAMED[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    char *to = words;
    for (char *from = words; *from;) {
        size_t used = 0;
        if (*from == '&') {
            for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED && !used; i++) {
                size_t size = strlen(NAMED[i].entity);
                if (strncmp(from, NAMED[i].entity, size)) continue;
                *to++ = NAMED[i].letter;
                used = size;
            }
            if (!used && from[1] == '#') {
                bool hexadecimal = from[2] == 'x';
                char *end;
                unsigned long point = strtoul(from + 2 + hexadecimal, &end, hexadecimal ? 16 : 10);
                if (*end == ';' && point < 0x110000) {
                    to = put_utf8(to, point); /* never longer than the reference */
                    used = end + 1 - from;
                }
            }
        }
        if (used) {
            from += used;
        } else {
            *to++ = *from++;
        }
    }
    *to = 0;
    return to - words;
}

/* MD5: https://www.rfc-editor.org/rfc/rfc1321 */

static const uint32_t SINES[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static const unsigned char TURNS[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static void md5_block(struct md5 *md5, const unsigned char *block) {
    uint32_t words[16];
    memcpy(words, block, sizeof words); /* the machines that this runs on are little-endian, as MD5 is */
    uint32_t a = md5->state[0], b = md5->state[1], c = md5->state[2], d = md5->state[3];
#pragma GCC unroll 64
    for (int i = 0; i < 64; i++) {
        uint32_t mixed;
        int word;
        switch (i / 16) {
        case 0: mixed = d ^ (b & (c ^ d)), word = i; break;
        case 1: mixed = c ^ (d & (b ^ c)), word = (5 * i + 1) % 16; break;
        case 2: mixed = b ^ c ^ d, word = (3 * i + 5) % 16; break;
        default: mixed = c ^ (b | ~d), word = 7 * i % 16; break;
        }
        uint32_t sum = a + mixed + SINES[i] + words[word];
        int turn = TURNS[i / 16][i % 4];
        a = d, d = c, c = b, b += sum << turn | sum >> (32 - turn);
    }
    md5->state[0] += a, md5->state[1] += b, md5->state[2] += c, md5->state[3] += d;
}

void md5_begin(struct md5 *md5) {
    *md5 = (struct md5){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
}

void md5_add(struct md5 *md5, const void *bytes, size_t size) {
    const unsigned char *from = bytes;
    size_t held = md5->size % 64;
    md5->size += size;
    if (held) {
        size_t more = size < 64 - held ? size : 64 - held;
        memcpy(md5->block + held, from, more);
        from += more, size -= more;
        if (held + more < 64) return;
        md5_block(md5, md5->block);
    }
    for (; size >= 64; from += 64, size -= 64) md5_block(md5, from);
    memcpy(md5->block, from, size);
}

void md5_end(struct md5 *md5, unsigned char digest[16]) {
    uint64_t bits = md5->size * 8;
    static const unsigned char PADDING[64] = {0x80};
    md5_add(md5, PADDING, 1 + (119 - md5->size % 64) % 64);
    md5_add(md5, &bits, 8);
    memcpy(digest, md5->state, 16);
}

void hex_of(const unsigned char *bytes, size_t size, char *hex) {
    for (size_t i = 0; i < size; i++) {
        *hex++ = "0123456789abcdef"[bytes[i] >> 4];
        *hex++ = "0123456789abcdef"[bytes[i] & 15];
    }
    *hex = 0;
}

static void md5_of(const void *bytes, size_t size, unsigned char digest[16]) {
    struct md5 md5;
    md5_begin(&md5);
    md5_add(&md5, bytes, size);
    md5_end(&md5, digest);
}

void md5_hex(const void *bytes, size_t size, char hex[33]) {
    unsigned char digest[16];
    md5_of(bytes, size, digest);
    hex_of(digest, 16, hex);
}

void md5_base64(const void *bytes, size_t size, char base64[25]) {
    unsigned char digest[16];
    md5_of(bytes, size, digest);
    base64_of(digest, 16, base64);
}

void base64_of(const unsigned char *bytes, size_t size, char *base64) {
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t there = size - i < 3 ? size - i : 3;
        unsigned group = bytes[i] << 16 | (there > 1 ? bytes[i + 1] << 8 : 0) | (there > 2 ? bytes[i + 2] : 0);
        for (size_t letter = 0; letter < 4; letter++)
            *base64++ = letter <= there ? LETTERS[group >> (18 - 6 * letter) & 63] : '=';
    }
    *base64 = 0;
}

void crc32_base64(const void *bytes, size_t size, char base64[9]) {
    static uint32_t table[256];
    if (!table[1]) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t value = i;
            for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xEDB88320 : 0);
            table[i] = value;
        }
    }
    uint32_t crc = ~0u;
    for (const unsigned char *at = bytes, *end = at + size; at < end; at++) crc = crc >> 8 ^ table[(crc ^ *at) & 255];
    crc = ~crc;
    base64_of((unsigned char[]){crc >> 24, crc >> 16, crc >> 8, crc}, 4, base64);
}
