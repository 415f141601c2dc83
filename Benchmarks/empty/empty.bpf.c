// Three programs that do nothing, on the hooks that a recording always has: the least that anything there can cost.
#define SEC(name) __attribute__((section(name), used))

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sched_switch")
int on_switch(void *context)
{
    return 0;
}

SEC("tp_btf/sched_waking")
int on_waking(void *context)
{
    return 0;
}

SEC("tp_btf/sched_wakeup")
int on_wakeup(void *context)
{
    return 0;
}
