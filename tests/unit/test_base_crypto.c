/* test_base_crypto.c: hashes against published vectors; random bytes; comparison.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/base/crypto.h"

static void assert_sha256(struct slice data, const char *expected)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    char hex[2 * CRYPTO_SHA256_LEN + 1];

    crypto_sha256(data, hash);
    crypto_hex(hash, sizeof(hash), hex);
    assert_string_equal(hex, expected);
}

static void test_sha256_gives_the_published_vectors(void **state)
{
    (void)state;
    assert_sha256(SLICE_NONE, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_sha256(SLICE("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_sha256(SLICE("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* Keys and messages of the first, second, third, sixth and seventh case of RFC 2202 and RFC 4231:
 * the same for both hashes but for the lengths of the keys. */
static struct slice repeated(char c, size_t n, char *room)
{
    memset(room, c, n);
    return (struct slice){room, n};
}

static void assert_hmacs(struct slice key, struct slice data, const char *sha1, const char *sha256)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    char hex[2 * CRYPTO_SHA256_LEN + 1];

    if (sha1 != NULL) {
        crypto_hmac_sha1(key, data, hash);
        crypto_hex(hash, CRYPTO_SHA1_LEN, hex);
        assert_string_equal(hex, sha1);
    }
    if (sha256 != NULL) {
        crypto_hmac_sha256(key, data, hash);
        crypto_hex(hash, CRYPTO_SHA256_LEN, hex);
        assert_string_equal(hex, sha256);
    }
}

static void test_hmac_gives_the_vectors_of_rfc_2202_and_rfc_4231(void **state)
{
    struct slice large = SLICE("Test Using Larger Than Block-Size Key - Hash Key First");
    char key[131], data[50];

    (void)state;
    assert_hmacs(repeated(0x0b, 20, key), SLICE("Hi There"),
                 "b617318655057264e28bc0b6fb378c8ef146be00",
                 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_hmacs(SLICE("Jefe"), SLICE("what do ya want for nothing?"),
                 "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
                 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_hmacs(repeated((char)0xaa, 20, key), repeated((char)0xdd, 50, data),
                 "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
                 "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    assert_hmacs(repeated((char)0xaa, 80, key), large, "aa4ae5e15272d00e95705637ce8a3b55ed402112",
                 NULL);
    assert_hmacs(repeated((char)0xaa, 131, key), large, NULL,
                 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_hmacs(SLICE_NONE, SLICE_NONE, "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d",
                 "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_base64_gives_the_vectors_of_rfc_4648(void **state)
{
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"},
                                          {"\xfb\xff", "+/8="}};
    char out[CRYPTO_BASE64_SIZE(6)];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i][0]);
        crypto_base64((const uint8_t *)rows[i][0], n, out);
        assert_string_equal(out, rows[i][1]);
        assert_int_equal(strlen(out) + 1, CRYPTO_BASE64_SIZE(n));
    }
}

static void test_hex_is_lower_case_and_terminated(void **state)
{
    const uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
    char out[] = "xxxxxxxxxxx";

    (void)state;
    crypto_hex(bytes, sizeof(bytes), out);
    assert_string_equal(out, "000fa5ff");
    crypto_hex(bytes, 0, out);
    assert_string_equal(out, "");
}

static void test_siphash_gives_the_vectors_of_its_authors(void **state)
{
    /* Key 00 01 … 0f; the message of length n is 00 01 … n-1. */
    static const struct {
        size_t n;
        uint64_t hash;
    } rows[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
        {8, 0x93f5f5799a932462},  {9, 0x9e0082df0ba9e4b0},  {14, 0xf723ca908e7af2ee},
        {15, 0xa129ca6149be45e5}, {63, 0x958a324ceb064572},
    };
    uint8_t key[16];
    char message[64];

    (void)state;
    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (char)i;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_true(crypto_siphash(key, (struct slice){message, rows[i].n}) == rows[i].hash);
    assert_true(crypto_siphash(key, SLICE_NONE) == rows[0].hash);
    key[15] ^= 1;
    assert_true(crypto_siphash(key, SLICE_NONE) != rows[0].hash);
}

static void test_bytes_above_7f_are_hashed_as_bytes(void **state)
{
    static const uint8_t key[16] = {0};

    (void)state;
    assert_true(crypto_siphash(key, SLICE("\xff")) != crypto_siphash(key, SLICE("\xff\xff")));
    assert_true(crypto_siphash(key, SLICE("\x80\0\0")) != crypto_siphash(key, SLICE("\x80")));
}

static void test_random_bytes_fill_all_of_the_room_and_only_that(void **state)
{
    static uint8_t bytes[1 << 17]; /* more than one getrandom may give under a signal */
    uint8_t last = bytes[sizeof(bytes) - 1] = 0x5a;
    uint64_t seen[256] = {0};

    (void)state;
    crypto_random(bytes, 0);
    assert_int_equal(bytes[0], 0);
    crypto_random(bytes, sizeof(bytes) - 1);
    assert_int_equal(bytes[sizeof(bytes) - 1], last);
    for (size_t i = 0; i < sizeof(bytes) - 1; i++)
        seen[bytes[i]]++;
    for (int i = 0; i < 256; i++) /* 512 expected; 13 standard deviations */
        assert_in_range(seen[i], 212, 812);
}

static void test_equal_compares_all_bytes(void **state)
{
    (void)state;
    assert_true(crypto_equal(SLICE("secret"), SLICE("secret")));
    assert_false(crypto_equal(SLICE("secret"), SLICE("secreT")));
    assert_false(crypto_equal(SLICE("Secret"), SLICE("secret")));
    assert_false(crypto_equal(SLICE("secret"), SLICE("secrets")));
    assert_false(crypto_equal(SLICE("secret"), SLICE_NONE));
    assert_true(crypto_equal(SLICE_NONE, SLICE("")));
    assert_false(crypto_equal(SLICE("a\0b"), SLICE("a\0c")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_gives_the_published_vectors),
        cmocka_unit_test(test_hmac_gives_the_vectors_of_rfc_2202_and_rfc_4231),
        cmocka_unit_test(test_base64_gives_the_vectors_of_rfc_4648),
        cmocka_unit_test(test_hex_is_lower_case_and_terminated),
        cmocka_unit_test(test_siphash_gives_the_vectors_of_its_authors),
        cmocka_unit_test(test_bytes_above_7f_are_hashed_as_bytes),
        cmocka_unit_test(test_random_bytes_fill_all_of_the_room_and_only_that),
        cmocka_unit_test(test_equal_compares_all_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
