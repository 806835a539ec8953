/* As much of RFC 6455 as a bench needs: the handshake's key (section 4.2.2) and whole unfragmented frames (5.2). */
#include "load.h"
#include <string.h>

static uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

static void sha1_block(uint32_t h[5], const uint8_t *block) {
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                              : (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t next = rotate(a, 5) + f + e + w[i];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* of at most 119 bytes, which is enough for a key and its salt. Source: RFC 3174 */
static void sha1(const char *text, size_t length, uint8_t digest[20]) {
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t padded[128] = {0};
    memcpy(padded, text, length);
    padded[length] = 0x80;
    size_t whole = length + 9 <= 64 ? 64 : 128;
    padded[whole - 2] = (uint8_t)(length * 8 >> 8);
    padded[whole - 1] = (uint8_t)(length * 8);
    for (size_t at = 0; at < whole; at += 64) sha1_block(h, padded + at);
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

void accept_key(const char *key, size_t length, char out[29]) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char salt[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char salted[119];
    uint8_t digest[21] = {0};
    if (length > 64) length = 64;
    memcpy(salted, key, length);
    memcpy(salted + length, salt, sizeof salt - 1);
    sha1(salted, length + sizeof salt - 1, digest);
    for (int i = 0, o = 0; i < 21; i += 3, o += 4) {
        uint32_t three = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8 | digest[i + 2];
        for (int k = 0; k < 4; k++) out[o + k] = letters[three >> (18 - 6 * k) & 63];
    }
    out[27] = '=';
    out[28] = 0;
}

size_t put_frame(uint8_t *out, int opcode, const uint8_t *payload, size_t length, const uint8_t *mask) {
    size_t at = 0;
    out[at++] = (uint8_t)(0x80 | opcode);
    if (length < 126) {
        out[at++] = (uint8_t)((mask ? 0x80 : 0) | length);
    } else {
        out[at++] = (uint8_t)((mask ? 0x80 : 0) | 126);
        out[at++] = (uint8_t)(length >> 8);
        out[at++] = (uint8_t)length;
    }
    if (mask) memcpy(out + at, mask, 4), at += 4;
    for (size_t i = 0; i < length; i++) out[at + i] = mask ? payload[i] ^ mask[i & 3] : payload[i];
    return at + length;
}

int get_frame(const uint8_t *bytes, size_t available, Frame *frame) {
    if (available < 2) return 0;
    if ((bytes[0] & 0xF0) != 0x80) return -1; /* fragments and extensions: nobody asked for them */
    frame->opcode = bytes[0] & 0x0F;
    frame->length = bytes[1] & 0x7F;
    frame->header = 2;
    if (frame->length == 127) return -1;
    if (frame->length == 126) {
        if (available < 4) return 0;
        frame->length = (size_t)bytes[2] << 8 | bytes[3];
        frame->header = 4;
    }
    int masked = bytes[1] & 0x80;
    frame->mask = masked ? bytes + frame->header : NULL;
    if (masked) frame->header += 4;
    return available >= frame->header + frame->length;
}
