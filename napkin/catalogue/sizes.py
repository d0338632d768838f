"""Sizes that transformers 5.24 takes where the config of a text model inside another leaves them out.

A config that it writes for a model of several parts holds only what departs from these. "-" where it has none.
The last rows are architectures that it lacks, with the sizes of their first release.
"""

NAMES = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size")

ROWS = """
llama                 4096   11008      32      32   32000
granite               4096   11008      32      32   32000
mistral               4096   14336      32      32   32000
ministral3            4096   14336      34      32  131072
phi3                  3072    8192      32      32   32064
qwen2                 4096   22016      32      32  151936
qwen3                 4096   22016      32      32  151936
qwen3_vl_text         4096   22016      32      32  151936
smollm3               2048   11008      36      16  128256
exaone4               4096   16384      32      32  102400
hunyuan_v1_dense      4096   11008      32      32  290943
glm                   4096   13696      40      32  151552
glm4                  4096   13696      40      32  151552
seed_oss              4096   27648      64      80  155136
ernie4_5              1024    3072      18      16  103424
olmo                  4096   11008      32      32   50304
olmo2                 4096   11008      32      32   50304
olmo3                 4096   11008      32      32   50304
cohere                8192   22528      40      64  256000
cohere2               8192   22528      40      64  256000
stablelm              2560    6912      32      32   50304
nemotron              6144   24576      32      48  256000
arcee                 2560   18432      32      32   32000
apertus               4096   14336      32      32  131072
starcoder2            3072   12288      30      24   49152
gemma                 3072   24576      28      16  256000
gemma2                2304    9216      26       8  256000
gemma3_text           2304    9216      26       8  262208
gemma4_text           2304    9216      30       8  262144
gemma3n_text          2048   16384      35       8  262400
internlm3             4096   10240      48      32  128512
mllama_text_model     4096   14336      40      32  128256
exaone                4096   14336      32      32  102400
gpt2                   768       -      12      12   50257
gpt_bigcode            768       -      12      12   50257
gpt_neox              6144   24576      44      64   50432
gptj                  4096       -      28      16   50400
opt                    768    3072      12      12   50272
phi                   2048    8192      24      32   51200
falcon                4544   18176      32      71   65024
persimmon             4096   16384      36      64  262144
mpt                   2048       -      24      16   50368
gpt_neo               2048       -      24      16   50257
codegen               4096       -      28      16   50400
mixtral               4096   14336      32      32   32000
phimoe                4096    6400      32      32   32064
gpt_oss               2880    2880      36      64  201088
llama4_text           5120    8192      48      40  202048
granitemoe            4096   11008      32      32   32000
granitemoeshared      4096   11008      32      32   32000
olmoe                 2048    2048      16      16   50304
hunyuan_v1_moe        4096   11008      32      32  290943
minimax_m2            3072    1536      62      48  200064
minimax_m3_vl_text    6144    3072      60      64  200064
qwen2_moe             2048    5632      24      16  151936
qwen3_moe             2048    6144      24      32  151936
qwen3_vl_moe_text     2048    5632      24      16  151936
glm4_moe              4096   10944      46      96  151552
dots1                 4608   10944      62      32  152064
ernie4_5_moe          2560   12288      28      20  103424
mimo_v2_flash         4096   16384      48      64  152576
dbrx                  2048       -      24      16   32000
exaone_moe            4096   16384      32      32  102400
longcat_flash         6144   12288      56      64  131072
mamba                  768       -      32       -   50280
falcon_mamba           768       -      32       -   50280
mamba2                4096       -      64       -   32768
rwkv                  4096   16384      32       -   50277
jamba                 4096   14336      32      32   65536
bamba                 4096   14336      32      32  128000
granitemoehybrid      4096   11008      32      32   32000
falcon_h1             4096   14336      32      32  128000
zamba2                2560   10240      54      32   32000
nemotron_h            4096   21504       4      32  131072
lfm2                  2560   12288      32      32   65536
lfm2_moe              2048    7168      32      32   65536
minimax               4096   14336      32      32   32000
qwen3_next            2048    5632      48      16  151936
qwen3_5_text          4096   12288      32      16  248320
qwen3_5_moe_text      2048       -      40      16  248320
olmo_hybrid           3840   11008      32      30  100352
bailing_hybrid        2560    6144      42      32  157184
kimi_linear           2304    9216      27      32  163840
deepseek_v2           4096   11008      32      32  102400
deepseek_v3           7168   18432      61     128  129280
minicpm3              2560    6400      62      40   73448
mistral4              4096   12288      36      32  131072
glm4_moe_lite         2048   10240      47      20  154880
deepseek_v32          7168   18432      61     128  129280
glm_moe_dsa           6144   12288      78      64  154880
deepseek_v4           4096    2048      43      64  129280
baichuan              4096   11008      32      32  125696
qwen                  4096   22016      32      32  151936
chatglm               4096   13696      28      32   65024
internlm              4096   11008      32      32  103168
internlm2             4096   14336      32      32   92544
minicpm               2304    5760      40      36  122753
deepseek              2048   10944      28      16  102400
orion                 5120   15360      40      40   84608
step3_text            7168   18432      61      64  128815
minimax_text_01       6144    9216      80      64  200064
"""


def _read(row):
    name, *sizes = row.split()
    return name, {field: int(size) for field, size in zip(NAMES, sizes) if size != "-"}


SIZES = dict(_read(row) for row in ROWS.strip().splitlines())
