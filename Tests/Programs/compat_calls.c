// Makes N system calls of the 32-bit kind: getpid, whose number there (20) is writev's here.
#include "program.h"

int main(int argc, char **argv) {
    usage(argc, 1, "CALLS");
    long calls = number(argc, argv, 1, 0);
    begin("compat_calls");
    for (long i = 0; i < calls; i++) {
        long result = 20;
        __asm__ volatile("int $0x80" : "+a"(result) : : "r8", "r9", "r10", "r11", "memory");
        if (result != getpid())
            fail("getpid");
    }
    return end();
}
