"""Every input of the napkin once: its letter, unit, meaning, default and range."""

from .inputs import INPUTS, NapkinError, check_together, declare, nearest  # noqa: F401

FORMATS = {4: "fp4", 8: "fp8", 16: "fp16, bf16", 32: "fp32"}

# A matrix product
rows = declare("rows", "N", "1", "rows of the left matrix", 200_000, 256, 1_000_000, whole=True)
inner = declare("inner", "d", "1", "columns of the left matrix, rows of the right one: the length of each dot product",
                8192, 256, 65_536, whole=True, label="inner dimension")
columns = declare("columns", "M", "1", "columns of the right matrix", 8192, 256, 65_536, whole=True)
tile = declare("tile", "T", "1", "side of the square tile of the product that is kept on chip", 128, 1, 256, whole=True,
               stops=(1, 2, 4, 8, 16, 32, 64, 128, 256))

# A model
n_layers = declare("n_layers", "L", "1", "layers of the model", 64, 1, 200, whole=True, scale="linear", label="layers")
d_model = declare("d_model", r"d", "1", "width of the vector that stands for one token", 8192, 256, 32_768,
                  whole=True, label="model width")
n_heads = declare("n_heads", "H", "1", "query heads of a layer", 64, 1, 256, whole=True,
                  stops=(1, 2, 4, 8, 16, 32, 64, 128, 256), label="query heads")
n_kv_heads = declare("n_kv_heads", r"H_{\mathrm{kv}}", "1", "heads of a layer that keep keys and values", 8, 1, 64,
                     whole=True, stops=(1, 2, 4, 8, 16, 32, 64), label="KV heads")
head_dim = declare("head_dim", r"d_{\mathrm{h}}", "1", "length of the vectors inside one head", 128, 16, 512,
                   whole=True, stops=(16, 32, 64, 80, 96, 128, 192, 256, 512), label="head width")
parameters = declare("parameters", "P", "1", "weights of the model, all of them multiplied for every token", 32e9,
                     1e8, 2e12, whole=True, shown_in=(9, "billion"))
weight_bits = declare("weight_bits", r"b_{\mathrm{w}}", "bit", "bits of one weight", 8, 4, 32, whole=True,
                      choices=FORMATS, label="bits a weight")
kv_bits = declare("kv_bits", r"b_{\mathrm{kv}}", "bit", "bits of one element of a cached key or value", 8, 4, 32,
                  whole=True, choices=FORMATS, label="bits a cache element")

# A GPU: three numbers
peak_flops = declare("peak_flops", r"\pi", "FLOP/second", "dense peak of the multipliers at the precision in use",
                     4.5e15, 1e13, 1e17, shown_in=(12, "TFLOP/s"), label="peak", follows="weight_bits")
bandwidth = declare("bandwidth", r"\beta", "byte/second", "bytes a second between memory and chip", 8e12, 1e11, 1e14,
                    shown_in=(12, "TB/s"), label="bandwidth")
memory = declare("memory", "C", "byte", "bytes of memory on the GPU", 192e9, 8e9, 2e12, shown_in=(9, "GB"))

# What is asked of it
tokens = declare("tokens", "n", "token/sequence", "tokens of each conversation multiplied in one pass: "
                 "all of them without a cache, 1 with it", 200_000, 1, 1_000_000, whole=True, shown_in=(0, "tokens"),
                 label="tokens a pass")
context = declare("context", "N", "token", "tokens of one conversation that attention looks back on", 200_000, 100,
                  1_000_000, whole=True, shown_in=(0, "tokens"))
batch = declare("batch", "B", "sequence", "conversations that share one pass; left out, as many as fit",
                "sequences_that_fit", 1, 4096, whole=True)
intensity = declare("intensity", "I", "FLOP/byte", "operations for every byte moved: the horizontal axis of a roofline",
                    16, 1, 10_000, label="arithmetic intensity")
duty_cycle = declare("duty_cycle", r"\delta", "sequence/user", "part of the time in which a user's conversation is being "
                     "worked on", 1, 0.01, 1, most=1, scale="linear", shown_in=(-2, "%"))

# Money
gpu_hour_price = declare("gpu_hour_price", r"p_{\mathrm{h}}", "dollar/hour", "rent of one GPU for an hour", 4, 0.5, 20,
                         scale="linear", label="rent an hour", shown_in=(0, "$"))
gpu_price = declare("gpu_price", r"p", "dollar", "price of one GPU bought", 40_000, 1_000, 200_000, scale="linear",
                    label="purchase price", shown_in=(0, "$"))
hours_per_month = declare("hours_per_month", r"h_{\mathrm{m}}", "hour/month", "hours in a month of billing", 720, 672, 744,
                          scale="linear", label="hours a month", shown_in=(0, "h"))
power = declare("power", "W", "watt", "power drawn for one GPU, cooling included", 1_300, 100, 5_000, scale="linear",
                shown_in=(3, "kW"))
electricity_price = declare("electricity_price", r"p_{\mathrm{e}}", "dollar/kilowatt_hour", "price of a kilowatt-hour", 0.10,
                            0, 1, least=0, scale="linear", shown_in=(0, "$"), label="electricity a kWh")
hours_of_use = declare("hours_of_use", "h", "hour", "hours for which a GPU is rented, or owned and running", 10_000, 100,
                       60_000, label="hours of use", shown_in=(0, "h"))
