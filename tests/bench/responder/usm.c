/* SNMPv3's user-based security: localised keys, authentication codes, AES-128 (RFC 3414, 3826, 7860). */

#define OPENSSL_API_COMPAT 0x10100000L /* the plain digests: a context that is copied is what makes codes cheap */

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "responder.h"

enum { BLOCK = 64, LONGEST_DIGEST = 32, CIPHER_KEY = 16, EXPANDED = 1 << 20 };

typedef union {
    SHA_CTX sha1;
    SHA256_CTX sha256;
} Digest;

typedef struct {
    char name[33];
    bool sha256;
    octet auth[LONGEST_DIGEST], priv[LONGEST_DIGEST];
} User;

struct Keys {
    Digest inner, outer; /* HMAC's two digests, with the key's block taken in */
    octet priv[CIPHER_KEY];
};

static User users[MOST_USERS];
static int user_count;

static size_t digest_size(const User *user) { return user->sha256 ? SHA256_DIGEST_LENGTH : SHA_DIGEST_LENGTH; }

static void begin(const User *user, Digest *digest)
{
    user->sha256 ? SHA256_Init(&digest->sha256) : SHA1_Init(&digest->sha1);
}

static void more(const User *user, Digest *digest, const void *octets, size_t size)
{
    user->sha256 ? SHA256_Update(&digest->sha256, octets, size) : SHA1_Update(&digest->sha1, octets, size);
}

static void end(const User *user, Digest *digest, octet *made)
{
    user->sha256 ? SHA256_Final(made, &digest->sha256) : SHA1_Final(made, &digest->sha1);
}

/* RFC 3414, A.2: the digest of a mebioctet of the passphrase, repeated. */
static void master_key(const User *user, const char *passphrase, octet *key)
{
    Digest digest;
    size_t length = strlen(passphrase), at = 0;
    octet block[BLOCK];
    begin(user, &digest);
    for (int done = 0; done < EXPANDED; done += BLOCK) {
        for (int place = 0; place < BLOCK; place++)
            block[place] = (octet)passphrase[at++ % length];
        more(user, &digest, block, BLOCK);
    }
    end(user, &digest, key);
}

void add_user(const char *name, const char *hash, const char *auth, const char *priv)
{
    if (user_count == MOST_USERS || strlen(name) > 32 || !*auth || !*priv)
        fail("no room for a user, or no passphrase", name);
    User *user = &users[user_count++];
    strcpy(user->name, name);
    user->sha256 = !strcmp(hash, "sha256");
    if (!user->sha256 && strcmp(hash, "sha"))
        fail("a user's hash is sha or sha256, not", hash);
    master_key(user, auth, user->auth);
    master_key(user, priv, user->priv);
}

int user_of(Span name)
{
    for (int user = 0; user < user_count; user++)
        if (strlen(users[user].name) == size_of(name) && !memcmp(users[user].name, name.at, size_of(name)))
            return user;
    return -1;
}

static void localise(const User *user, const octet *master, const Engine *engine, octet *key)
{
    Digest digest;
    begin(user, &digest);
    more(user, &digest, master, digest_size(user));
    more(user, &digest, engine->octets, engine->size);
    more(user, &digest, master, digest_size(user));
    end(user, &digest, key);
}

static void padded(const User *user, Digest *digest, const octet *key, octet pad)
{
    octet block[BLOCK];
    memset(block, pad, BLOCK);
    for (size_t place = 0; place < digest_size(user); place++)
        block[place] ^= key[place];
    begin(user, digest);
    more(user, digest, block, BLOCK);
}

Keys *keys_of(int number, const Engine *engine)
{
    const User *user = &users[number];
    Keys *keys = malloc(sizeof *keys);
    octet key[LONGEST_DIGEST];
    if (!keys)
        fail("no memory", "");
    localise(user, user->auth, engine, key);
    padded(user, &keys->inner, key, 0x36);
    padded(user, &keys->outer, key, 0x5c);
    localise(user, user->priv, engine, key);
    memcpy(keys->priv, key, CIPHER_KEY);
    return keys;
}

size_t code_size(int user) { return users[user].sha256 ? 24 : 12; }

void code(const Keys *keys, int number, const octet *message, size_t size, octet *made)
{
    const User *user = &users[number];
    Digest digest = keys->inner;
    octet whole[LONGEST_DIGEST];
    more(user, &digest, message, size);
    end(user, &digest, whole);
    digest = keys->outer;
    more(user, &digest, whole, digest_size(user));
    end(user, &digest, whole);
    memcpy(made, whole, code_size(number));
}

void cipher(const Keys *keys, bool encrypt, uint32_t boots, uint32_t time, const octet *salt, octet *text, size_t size)
{
    static EVP_CIPHER_CTX *context;
    octet start[16];
    int done;
    for (int place = 0; place < 4; place++) {
        start[place] = (octet)(boots >> (24 - 8 * place));
        start[4 + place] = (octet)(time >> (24 - 8 * place));
    }
    memcpy(start + 8, salt, 8);
    if (!context) {
        context = EVP_CIPHER_CTX_new();
        EVP_CipherInit_ex(context, EVP_aes_128_cfb128(), NULL, NULL, NULL, 1);
    }
    EVP_CipherInit_ex(context, NULL, NULL, keys->priv, start, encrypt);
    EVP_CipherUpdate(context, text, &done, text, (int)size);
}
