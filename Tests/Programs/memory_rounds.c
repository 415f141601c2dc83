// Goes over MB of memory ROUNDS times, a byte of each page: memory of its own, in order, or a file mapped into it, at
// random, so that some pages are used more often than others; for 5 s at most, since a disk may be slow.
#include "program.h"

#include <fcntl.h>
#include <sys/mman.h>

int main(int argc, char **argv) {
    usage(argc, 2, "MB ROUNDS [FILE]");
    size_t size = (size_t)number(argc, argv, 1, 0) << 20;
    uint64_t rounds = (uint64_t)number(argc, argv, 2, 0);
    int file = argc > 3 ? check(open(argv[3], O_RDONLY | O_CLOEXEC), argv[3]) : -1;
    begin("memory_rounds");

    struct truth truth = truth_begin("walker");
    int protection = file == -1 ? PROT_READ | PROT_WRITE : PROT_READ;
    int flags = file == -1 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    unsigned char *memory = mmap(NULL, size, protection, flags, file, 0);
    if (memory == MAP_FAILED)
        fail("mmap");
    unsigned long sum = 0;
    uint64_t random = 1, last = now_ns() + 5000 * MS;
    for (; truth.rounds < rounds && now_ns() < last; truth.rounds++)
        for (size_t place = 0; place < size && now_ns() < last; place += 4096) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            if (file == -1)
                memory[place] = (unsigned char)(memory[place] + place / 4096 + 1);
            else
                sum += *(volatile unsigned char *)&memory[(random >> 33) % (size / 4096) * 4096];
        }
    truth_end(&truth);
    return sum == 1 ? 1 : end();
}
