/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Loads the native library as Erlang does, with all symbols at once, and prints the name, the
 * number of functions and the NIF version that it tells Erlang. stubs.h has a function for each
 * symbol of Erlang that the library needs; none is called before the library is in use.
 */
#include <dlfcn.h>
#include <stdio.h>
#include "stubs.h"

/* The beginning of ErlNifEntry in erl_nif.h. */
struct entry {
    int major;
    int minor;
    const char *name;
    int functions;
};

int main(int count, char **arguments)
{
    void *library = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
    const struct entry *(*init)(void);
    const struct entry *entry;

    if (!library || !(init = (const struct entry *(*)(void)) dlsym(library, "nif_init"))) {
        fprintf(stderr, "%s\n", count == 2 ? dlerror() : "usage: load LIBRARY");
        return 1;
    }
    entry = init();
    printf("%s: %d functions, NIF %d.%d\n", entry->name, entry->functions, entry->major,
           entry->minor);
    return 0;
}
