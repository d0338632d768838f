"""Every input of the napkin once: its letter, unit, meaning, default and range."""

from .language.graph import declare

FORMATS = {4: "fp4", 8: "fp8", 16: "fp16, bf16", 32: "fp32"}

# A matrix product
rows = declare("rows", "N", "1", "rows of the left matrix", 200_000, 256, 1_000_000, whole=True, local=True)
inner = declare("inner", "d", "1", "columns of the left matrix, rows of the right one: the length of each dot product",
                8192, 256, 65_536, whole=True, label="inner dimension", local=True)
columns = declare("columns", "M", "1", "columns of the right matrix", 8192, 256, 65_536, whole=True, local=True)
tile = declare("tile", "T", "1", "side of the square tile of the product that is kept on chip", 128, 1, 256, whole=True,
               stops=(1, 2, 4, 8, 16, 32, 64, 128, 256), local=True)

# A model
n_layers = declare("n_layers", "L", "1", "layers of the model", 64, 1, 200, whole=True, scale="linear", label="layers", local=True)
d_model = declare("d_model", r"d", "1", "width of the vector that stands for one token", 8192, 256, 32_768, whole=True, label="model width", local=True)
n_heads = declare("n_heads", "H", "1", "query heads of a layer", 64, 1, 256, whole=True,
                  stops=(1, 2, 4, 8, 16, 32, 64, 128, 256), label="query heads", local=True)
n_kv_heads = declare("n_kv_heads", r"H_{\mathrm{kv}}", "1", "heads of a layer that keep keys and values", 8, 1, 64,
                     whole=True, stops=(1, 2, 4, 8, 16, 32, 64), label="KV heads", local=True)
head_dim = declare("head_dim", r"d_{\mathrm{h}}", "1", "length of the vectors inside one head", 128, 16, 512,
                   whole=True, stops=(16, 32, 64, 80, 96, 128, 192, 256, 512), label="head width", local=True)
parameters = declare("parameters", "P", "1", "weights of the model, all of them multiplied for every token", 32e9,
                     1e8, 2e12, whole=True, shown_in=(9, "billion"))
weight_bits = declare("weight_bits", r"b_{\mathrm{w}}", "bit", "bits of one weight", 8, 1, 32, least=1, most=32,
                      choices=FORMATS, between=True, label="bits a weight")
kv_bits = declare("kv_bits", r"b_{\mathrm{kv}}", "bit", "bits of one element of a cached key or value", 8, 1, 32,
                  least=1, most=32, choices=FORMATS, between=True, label="bits a cache element")

# A GPU: three numbers
peak_flops = declare("peak_flops", r"\pi", "FLOP/second", "dense peak of the multipliers at the precision in use",
                     4.5e15, 1e13, 1e17, shown_in=(12, "TFLOP/s"), label="peak", follows="weight_bits")
bandwidth = declare("bandwidth", r"\beta", "byte/second", "bytes a second between memory and chip", 8e12, 1e11, 1e14,
                    shown_in=(12, "TB/s"), label="bandwidth")
memory = declare("memory", "C", "byte", "bytes of memory on the GPU", 192e9, 8e9, 2e12, shown_in=(9, "GB"))

# What is asked of it
tokens = declare("tokens", "n", "token/sequence", "tokens of each conversation multiplied in one pass: "
                 "all of them without a cache, 1 with it", 200_000, 1, 1_000_000, whole=True, shown_in=(0, "tokens"),
                 label="tokens a pass", local=True)
context = declare("context", "N", "token", "tokens of one conversation that attention looks back on", 200_000, 100,
                  1_000_000, whole=True, shown_in=(0, "tokens"))
batch = declare("batch", "B", "sequence", "conversations that share one pass; left out, as many as fit",
                "sequences_that_fit", 1, 4096, whole=True, local=True)
intensity = declare("intensity", "I", "FLOP/byte", "operations for every byte moved: the horizontal axis of a roofline",
                    16, 1, 10_000, label="arithmetic intensity", local=True)
duty_cycle = declare("duty_cycle", r"\delta", "sequence/user", "part of the time in which a user's conversation is being "
                     "worked on", 1, 0.01, 1, most=1, scale="linear", shown_in=(-2, "%"))

output_tokens = declare("output_tokens", "o", "token/request", "tokens of an answer", 500, 1, 100_000, whole=True, shown_in=(0, "tokens"), label="tokens of an answer")
turns_per_hour = declare("turns_per_hour", r"\lambda_{\mathrm{h}}", "request/user/hour", "requests that a user sends in an hour; left out, those that the duty cycle means",
                         "turns_of_duty_cycle", 0.1, 3600, shown_in=(0, "an hour"), label="turns an hour")

# Money
gpu_hour_price = declare("gpu_hour_price", r"p_{\mathrm{h}}", "dollar/hour", "rent of one GPU for an hour", 4, 0.5, 20,
                         scale="linear", label="rent for a GPU-hour", shown_in=(0, "$"))
gpu_price = declare("gpu_price", r"p", "dollar", "price of one GPU bought", 40_000, 1_000, 200_000, scale="linear",
                    label="purchase price", shown_in=(0, "$"))
hours_per_month = declare("hours_per_month", r"h_{\mathrm{m}}", "hour/month", "hours in a month of billing", 720, 672, 744,
                          scale="linear", label="hours a month", shown_in=(0, "h"))
power = declare("power", "W", "watt", "power drawn for one GPU, cooling included", 1_300, 100, 5_000, scale="linear", shown_in=(3, "kW"))
electricity_price = declare("electricity_price", r"p_{\mathrm{e}}", "dollar/kilowatt_hour", "price of a kilowatt-hour", 0.10,
                            0, 1, least=0, scale="linear", shown_in=(0, "$"), label="electricity a kWh")
hours_of_use = declare("hours_of_use", "h", "hour", "hours for which a GPU is rented, or owned and running", 10_000, 100,
                       60_000, label="hours of use", shown_in=(0, "h"))

# A model, counted (the defaults leave the article's numbers as they are)
vocabulary = declare("vocabulary", "V", "1", "tokens that the model knows", 151_936, 1000, 300_000, whole=True)
d_ff = declare("d_ff", r"d_{\mathrm{ff}}", "1", "width inside the MLP; in a mixture of experts, of all experts that one token visits",
               25_600, 256, 131_072, whole=True, label="MLP width")
mlp_matrices = declare("mlp_matrices", "m", "1", "matrices of the MLP: two, or three where one of them gates", 3, 2, 3, whole=True,
                       choices={2: "plain", 3: "gated"}, label="MLP")
embedding_tables = declare("embedding_tables", "e", "1", "tables of the vocabulary: one where embedding and head are tied",
                           2, 1, 2, whole=True, choices={1: "tied", 2: "untied"}, label="embedding and head")
active_parameters = declare("active_parameters", r"P_{\mathrm{act}}", "1", "weights multiplied for one token", "parameters", 1e8,
                            2e12, whole=True, shown_in=(9, "billion"))
head_parameters = declare("head_parameters", r"P_{\mathrm{head}}", "1", "weights of the output head, which a prompt needs only once",
                          0, 0, 1e10, whole=True, least=0, scale="linear", shown_in=(9, "billion"))
expert_parameters = declare("expert_parameters", r"P_{\mathrm{E}}", "1", "weights of all routed experts, over all layers", 0, 0,
                            2e12, whole=True, least=0, scale="linear", shown_in=(9, "billion"))
n_experts = declare("n_experts", "E", "1", "routed experts of a layer", 1, 1, 1024, whole=True,
                    stops=(1, 8, 16, 32, 64, 128, 256, 512, 1024), label="experts", local=True)
experts_per_token = declare("experts_per_token", "k", "1", "experts that one token visits", 1, 1, 32, whole=True, scale="linear", local=True)
full_kv_elements = declare("full_kv_elements", r"e_{\mathrm{full}}", "element/token", "elements cached for every token and read at every step",
                           "grouped_kv_elements", 1_000, 5_000_000, least=0, label="cache elements a token")
window_kv_elements = declare("window_kv_elements", r"e_{\mathrm{win}}", "element/token", "elements cached for the last tokens only",
                             0, 0, 5_000_000, least=0, scale="linear", label="windowed elements a token")
window = declare("window", "W", "token", "tokens that a sliding window looks back on", 4096, 128, 131_072, whole=True,
                 shown_in=(0, "tokens"))
chunked_windows = declare("chunked_windows", r"\omega", "percent", "part of the layers with a window in which it does not slide: they look back to where "
                          "a chunk of the text begins", 0, 0, 1, least=0, most=1, scale="linear", shown_in=(-2, "%"), label="windows in chunks")
selected_kv_elements = declare("selected_kv_elements", r"e_{\mathrm{sel}}", "element/token", "elements cached for every token, of which a step "
                               "reads a selection", 0, 0, 5_000_000, least=0, scale="linear", label="selected elements a token")
selected_tokens = declare("selected_tokens", "s", "token", "tokens that a step selects", 2048, 128, 131_072, whole=True,
                          shown_in=(0, "tokens"))
index_kv_elements = declare("index_kv_elements", r"e_{\mathrm{ix}}", "element/token", "those of the elements read at every step that an indexer keeps: in 8 bits, with a "
                            "scale for 128, whatever the format of the rest", 0, 0, 5_000_000, least=0, scale="linear", label="index elements a token")
packed_kv_bytes = declare("packed_kv_bytes", r"k_{\mathrm{pack}}", "byte/token", "what comes on top where a latent vector is cached at 8 bits to be selected: its scales, and "
                          "16 bits for what RoPE has turned", 0, 0, 100_000, least=0, scale="linear", label="packed latents, on top")
state_elements = declare("state_elements", r"e_{\mathrm{st}}", "element/sequence", "elements of the state that linear attention keeps, however "
                         "long the context", 0, 0, 200_000_000, least=0, scale="linear")
state_bits = declare("state_bits", r"b_{\mathrm{st}}", "bit", "bits of one element of a state", 16, 1, 32, least=1, most=32, between=True,
                     choices={bits: called for bits, called in FORMATS.items() if bits >= 8}, label="bits a state element")
full_pair_flops = declare("full_pair_flops", r"a_{\mathrm{full}}", "FLOP/token/token", "attention of one new token to one cached one, layers "
                          "that look back on everything", "attention_flops_per_pair", 1e5, 1e8, least=0)
window_pair_flops = declare("window_pair_flops", r"a_{\mathrm{win}}", "FLOP/token/token", "the same, layers with a sliding window", 0, 0, 1e8,
                            least=0, scale="linear")
selected_pair_flops = declare("selected_pair_flops", r"a_{\mathrm{sel}}", "FLOP/token/token", "the same, layers that select", 0, 0, 1e8,
                              least=0, scale="linear")
state_flops = declare("state_flops", r"a_{\mathrm{st}}", "FLOP/token", "operations of one token on the states of linear attention", 0, 0, 1e11,
                      least=0, scale="linear")
prefill_full_pair_flops = declare("prefill_full_pair_flops", r"a'_{\mathrm{full}}", "FLOP/token/token", "as in decode, for a prompt",
                                  "full_pair_flops", 1e5, 1e8, least=0)
prefill_window_pair_flops = declare("prefill_window_pair_flops", r"a'_{\mathrm{win}}", "FLOP/token/token", "as in decode, for a prompt",
                                    "window_pair_flops", 0, 1e8, least=0, scale="linear")
prefill_selected_pair_flops = declare("prefill_selected_pair_flops", r"a'_{\mathrm{sel}}", "FLOP/token/token", "as in decode, for a prompt",
                                      "selected_pair_flops", 0, 1e8, least=0, scale="linear")
weight_scale_bits = declare("weight_scale_bits", r"\sigma_{\mathrm{w}}", "bit", "bits that come on top of each weight's own: its share of a scale, "
                            "8/32 where 32 weights share one byte; in the mean over all, where some stay wider",
                            0, 0, 8, least=0, most=32, scale="linear", label="scale bits a weight")
expert_bits = declare("expert_bits", r"b_{\mathrm{E}}", "bit", "bits of one weight of an expert", "weight_bits", 1, 32, least=1, most=32,
                      choices=FORMATS, between=True, label="bits an expert's weight")
expert_padding = declare("expert_padding", r"\phi", "percent", "part that is added to the experts on the GPU, where their width is filled up to a multiple "
                         "of 256", 0, 0, 1, least=0, most=1, scale="linear", shown_in=(-2, "%"))
lookup_bits = declare("lookup_bits", r"b_{\mathrm{look}}", "bit", "bits of one weight of the embedding", "weight_bits", 1, 32, least=1, most=32,
                      choices=FORMATS, between=True, label="bits of the embedding")
expert_scale_bits = declare("expert_scale_bits", r"\sigma_{\mathrm{E}}", "bit", "bits of scale for each weight of an expert",
                            "weight_scale_bits", 0, 1, least=0, most=32, scale="linear", label="scale bits an expert's weight")
attention_peak_flops = declare("attention_peak_flops", r"\pi_{\mathrm{a}}", "FLOP/second", "dense peak at the precision in which attention is done",
                               "peak_flops", 1e13, 1e17, shown_in=(12, "TFLOP/s"), label="peak for attention")

# Switches: what the article leaves out
count_weights = declare("count_weights", "w", "1", "read and multiply only the weights that a step touches", 0, 0, 1, flag=True,
                        label="weights that are touched")
count_caches = declare("count_caches", "c", "1", "keep what each kind of layer keeps: windows, compressed caches, states", 0, 0, 1,
                       flag=True, label="caches by kind of layer")
count_formats = declare("count_formats", "f", "1", "store weights with their scales, and experts in their own format", 0, 0, 1, flag=True,
                        label="formats with scales")
count_attention = declare("count_attention", "q", "1", "do attention at the rate of its own precision", 0, 0, 1, flag=True,
                          label="attention at its own rate")
count_vectors = declare("count_vectors", "v", "1", "add norms, RoPE, softmax, activation functions, residuals and sampling", 0, 0, 1, flag=True,
                        label="vector work")
count_kernels = declare("count_kernels", r"\chi", "1", "one kind of kernel after the other: attention cannot read its caches while the weights are multiplied",
                        0, 0, 1, flag=True, label="kernels one after the other")
count_reserve = declare("count_reserve", "s", "1", "set aside what a server keeps for itself: a part of the memory, and room for its largest step",
                        0, 0, 1, flag=True, label="a server's reserve")
count_prompts = declare("count_prompts", r"\upsilon", "1", "give prompts their time: the GPU reads them before it answers", 0, 0, 1, flag=True,
                        label="time for prompts")

# Memory that is set aside
memory_utilisation = declare("memory_utilisation", "u", "percent", "part of the memory that the server takes for itself", 1, 0.5, 1, most=1,
                             scale="linear", shown_in=(-2, "%"))
activation_bytes = declare("activation_bytes", "A", "byte", "memory for activations and graphs, on each GPU; 0 where it was not measured", 0, 0, 20e9, least=0,
                           scale="linear", shown_in=(9, "GB"), label="set aside for activations")
max_num_seqs = declare("max_num_seqs", r"B_{\mathrm{max}}", "1", "conversations that a server takes into one step at most: it sets aside room to pick "
                       "a token for each", 1024, 1, 4096, whole=True, label="conversations a step at most")
max_num_batched_tokens = declare("max_num_batched_tokens", r"n_{\mathrm{max}}", "token", "tokens that a server takes into one step at most: a layer with a window "
                                 "keeps them beside it", 8192, 128, 131_072, whole=True, shown_in=(0, "tokens"),
                                 label="tokens a step at most")
block_tokens = declare("block_tokens", "p", "token", "tokens of cache that are given out at once", 1, 1, 256, whole=True,
                       stops=(1, 8, 16, 32, 64, 128, 256), shown_in=(0, "tokens"), label="page of the cache")
shared_prefix = declare("shared_prefix", r"N_{\mathrm{s}}", "token", "tokens with which all conversations begin, a system prompt say: their cache is kept once",
                        0, 0, 100_000, whole=True, least=0, scale="linear", shown_in=(0, "tokens"))

# A prompt
prompt = declare("prompt", r"N_{\mathrm{p}}", "token", "tokens of the prompt", "context", 100, 1_000_000, whole=True, shown_in=(0, "tokens"))
prefix_hit = declare("prefix_hit", "h", "percent", "part of the prompt that is found in the cache", 0, 0, 0.99, least=0, most=0.9999,
                     scale="linear", shown_in=(-2, "%"), label="prefix-cache hits")
chunk_tokens = declare("chunk_tokens", "c", "token", "tokens of the prompt that are done in one pass; left out, all of them",
                       "new_tokens", 128, 1_000_000, shown_in=(0, "tokens"), label="chunk", local=True)

# Tokens guessed ahead
draft_length = declare("draft_length", r"\gamma", "1", "tokens that a draft model guesses ahead", 0, 0, 16, whole=True, least=0,
                       scale="linear", local=True)
acceptance_rate = declare("acceptance_rate", r"\alpha", "percent", "chance that a guessed token is right", 0.7, 0, 0.99, least=0, most=0.999,
                          scale="linear", shown_in=(-2, "%"), local=True)
draft_cost = declare("draft_cost", r"c_{\mathrm{d}}", "percent", "time to guess one token, as part of a step", 0.05, 0, 1, least=0, most=1,
                     scale="linear", shown_in=(-2, "%"), local=True)

# Several GPUs
PARTS = (1, 2, 4, 8, 16, 32, 64)
tensor_parallel = declare("tensor_parallel", "t", "1", "GPUs that share every matrix", 1, 1, 64, whole=True, stops=PARTS)
pipeline_parallel = declare("pipeline_parallel", "g", "1", "stages, each with its share of the layers", 1, 1, 64, whole=True, stops=PARTS)
expert_parallel = declare("expert_parallel", r"\epsilon", "1", "groups that keep their own conversations and share out the experts", 1, 1, 64,
                          whole=True, stops=PARTS)
kv_shards = declare("kv_shards", r"H_{\mathrm{s}}", "1", "parts into which tensor parallelism can cut the cache: KV heads, 1 for MLA",
                    "n_kv_heads", 1, 64, whole=True, stops=(1, 2, 4, 8, 16, 32, 64))
activation_bits = declare("activation_bits", r"b_{\mathrm{x}}", "bit", "bits of one element that travels between GPUs or kernels", 16, 8, 32,
                          whole=True, choices={bits: called for bits, called in FORMATS.items() if bits >= 8},
                          label="bits an activation")
link_bandwidth = declare("link_bandwidth", r"\beta_{\ell}", "byte/second", "bytes a second from one GPU to the others, one way", 900e9, 1e10,
                         1e13, shown_in=(9, "GB/s"))
gpus_per_node = declare("gpus_per_node", "D", "1", "GPUs that reach each other over these links: those of a server, or of a rack; beyond them is the network", 8, 1, 10_000,
                        whole=True, stops=(1, 2, 4, 8, 16, 32, 64, 72, 256), label="GPUs in a node")
link_ways = declare("link_ways", r"\omega_{\ell}", "1", "parts into which a GPU's links are divided: 1 where a switch leads to all others, 7 in a mesh of eight",
                    1, 1, 64, whole=True, stops=(1, 3, 7, 15), label="ways of the links")
network_bandwidth = declare("network_bandwidth", r"\beta_{\mathrm{n}}", "byte/second", "bytes a second from one GPU to those of other nodes, one way: 50 GB/s is a port of 400 Gb/s for each",
                            50e9, 1e9, 1e12, shown_in=(9, "GB/s"))
context_parallel = declare("context_parallel", r"\kappa_{\mathrm{c}}", "1", "parts into which those that share the matrices cut each cache by its tokens", 1, 1, 64, whole=True,
                           stops=PARTS)
link_latency = declare("link_latency", r"\tau", "second", "time of an exchange between GPUs, however small (8 B200s: 7 µs in a CUDA graph, 21 without)", 10e-6, 0, 1e-3, least=0,
                       scale="linear", shown_in=(-6, "µs"))

# What the article gets wrong: mistakes.py says it formula by formula. Nothing turns this on by itself.
as_the_article = declare("as_the_article", r"\mu", "1", "compute as the article does where it slips", 0, 0, 1, flag=True,
                         label="the article's mistakes")
