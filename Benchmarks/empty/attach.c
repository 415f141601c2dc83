// Attaches the programs of a BPF object, says so, and stays until it is ended: attach OBJECT.
#include <bpf/libbpf.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct bpf_object *object = argc == 2 ? bpf_object__open_file(argv[1], NULL) : NULL;
    struct bpf_program *program;
    if (!object || bpf_object__load(object)) {
        fprintf(stderr, "usage: attach OBJECT, as root: it cannot be loaded\n");
        return 1;
    }
    bpf_object__for_each_program(program, object) {
        if (!bpf_program__attach(program)) {
            fprintf(stderr, "%s cannot be attached\n", bpf_program__name(program));
            return 1;
        }
    }
    puts("attached");
    fflush(stdout);
    pause();
    return 0;
}
