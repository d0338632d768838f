"""The architectures of language models that can be counted, a table: which attention, which MLP, where biases and norms sit.

A model's `model_type` picks a row of `FAMILIES`; `families` says what its columns are. Fields keep the names of Hugging Face's
transformers, and so do the values that stand in for a field that a config leaves out.
"""
# Set by hand and left out of the formatter: what departs from the usual stands in a column of its own, so that one can read
# down a column and see who else does. Formatted, it is nearly twice as long, and nothing in it can be compared.

from dataclasses import replace

from .blocks import (
    block_sparse,
    compressed,
    falcon_heads,
    falcon_norms,
    gated_delta,
    gemma4_heads,
    grouped,
    head_norm,
    hybrid,
    hyper_connections,
    kimi_delta,
    latent,
    latent_heads,
    mimo_heads,
    one_vector,
    per_layer_inputs,
    selected_blocks,
    whole_norm,
)
from .families import Experts, Family
from .layers import (
    FULL,
    WINDOW,
    after_the_first,
    alternating,
    and_the_last,
    between,
    block_layers,
    by_rope,
    compressed_layers,
    early_windows,
    every,
    hybrid_layers,
    interleaved,
    kimi_layers,
    late_windows,
    latent_layers,
    marked,
    scored_layers,
    sliding,
    spelled,
    stepped,
    windowed,
)

F, E = Family, Experts
A, M, U, NO = "attention_bias", "mlp_bias", "use_bias", (False, False, False)  # biases of queries, keys and values; of out; of the MLP
SWITCH, CHUNK = sliding("use_sliding_window"), sliding(field="attention_chunk_size", least=1)

WIDE = E(width="intermediate_size")
PLAIN = E(after_the_first, shared="n_shared_experts")
DEEPSEEK = replace(PLAIN, correction=True)
BESIDE = E(stepped, shared=1, shared_width="shared_expert_intermediate_size", shared_gate=True)

BIASED = F(bias=(True, True, True), norm_vectors=2, matrices=2, four_wide=True)
GEMMA2 = F(layers=alternating, norms=4, tied=True, defaults=dict(head_dim=256, num_key_value_heads=4, sliding_window=4096))
NEXT = F(
    attention=hybrid(gated_delta, grouped), layers=hybrid_layers, qk_norm=head_norm(), gate="attn_output_gate", experts=BESIDE,
    defaults=dict(num_key_value_heads=2, head_dim=256, attn_output_gate=True, linear_conv_kernel_dim=4, linear_key_head_dim=128,
        linear_value_head_dim=128, linear_num_key_heads=16, linear_num_value_heads=32, num_experts=512, num_experts_per_tok=10,
        moe_intermediate_size=512, shared_expert_intermediate_size=512))
MLA = F(
    attention=latent, shape=latent_heads, layers=latent_layers, experts=DEEPSEEK, counts=("q_lora_rank", "kv_lora_rank"),
    defaults=dict(q_lora_rank=1536, kv_lora_rank=512, qk_rope_head_dim=64, qk_nope_head_dim=128, v_head_dim=128, n_shared_experts=1,
        first_k_dense_replace=3, num_experts_per_tok=8))
DSA = MLA.but(
    layers=scored_layers, counts=(*MLA.counts, "index_topk"),
    defaults=dict(index_topk=2048, index_head_dim=128, index_n_heads=64))

FAMILIES = {
    # heads that keep keys and values, each for one query head or for several
    "llama":            F(                                                      bias=(A, A, M)),
    "granite":          F(                                                      bias=(A, A, M)),
    "mistral":          F(         layers=windowed,                             bias=NO,
                          defaults=dict(num_key_value_heads=8, sliding_window=4096)),
    "ministral3":       F(         layers=windowed,                             bias=NO,
                          defaults=dict(num_key_value_heads=8, head_dim=128)),
    "phi3":             F(         layers=windowed,                             bias=NO),
    "qwen2":            F(         layers=late_windows,          window=SWITCH, bias=(True, False, False),
                          defaults=dict(num_key_value_heads=32, sliding_window=4096)),
    "qwen3":            F(         layers=late_windows,          window=SWITCH,                          qk_norm=head_norm(),
                          defaults=dict(num_key_value_heads=32, head_dim=128, sliding_window=4096)),
    "qwen3_vl_text":    F(                                       window=SWITCH,                          qk_norm=head_norm(),
                          defaults=dict(num_key_value_heads=32, head_dim=128, sliding_window=4096)),
    "smollm3":          F(         layers=by_rope(FULL, WINDOW), window=SWITCH, bias=(A, A, M),
                          tied=True, defaults=dict(num_key_value_heads=4)),
    "exaone4":          F(         layers=spelled,                              bias=NO,                 qk_norm=head_norm(),
                          defaults=dict(num_key_value_heads=32, sliding_window=4096)),
    "hunyuan_v1_dense": F(                                                                               qk_norm=head_norm()),
    "glm":              F(                                                      bias=(A, False, False),
                          defaults=dict(attention_bias=True, num_key_value_heads=2, head_dim=128)),
    "glm4":             F(                                                      bias=(A, False, False),
                          norms=4, defaults=dict(attention_bias=True, num_key_value_heads=2, head_dim=128)),
    "seed_oss":         F(                                                      bias=(A, "attention_out_bias", M),
                          defaults=dict(attention_bias=True, num_key_value_heads=8, head_dim=128)),
    "ernie4_5":         F(                                                      bias=(U, U, U),
                          tied=True, defaults=dict(num_key_value_heads=2, head_dim=128)),
    "olmo":             F(         norms=0, final_norm=False),
    "olmo2":            F(                                                                               qk_norm=whole_norm()),
    "olmo3":            F(         layers=every(4),                                                      qk_norm=whole_norm(),
                          defaults=dict(sliding_window=4096)),
    "cohere":           F(                                                                               qk_norm=whole_norm("use_qk_norm"),
                          norms=1, tied=True),
    "cohere2":          F(         layers=every(4), norms=1, tied=True, defaults=dict(sliding_window=4096)),
    "stablelm":         F(                                                      bias=("use_qkv_bias", False, False),
                          qk_norm=whole_norm("qk_layernorm"), norm_vectors=2,
                          norms=lambda fields: 1 if fields.on("use_parallel_residual") else 2,
                          defaults=dict(num_key_value_heads=32)),
    "nemotron":         F(                                                      bias=(A, A, M), matrices=2, norm_vectors=2),
    "arcee":            F(                                                      bias=(A, A, M), matrices=2),
    "apertus":          F(                                                                               qk_norm=head_norm(),
                          matrices=2, mlp_extra=2),
    "starcoder2":       F(         layers=windowed,                             bias=(U, U, U),
                          matrices=2, norm_vectors=2, tied=True, defaults=dict(use_bias=True, num_key_value_heads=2)),
    "gemma":            F(         tied=True, defaults=dict(head_dim=256, num_key_value_heads=16)),
    "gemma2":           GEMMA2,
    "gemma3_text":      GEMMA2.but( layers=every(6),                                                     qk_norm=head_norm(),
                          defaults=dict(num_attention_heads=8, vocab_size=262_208)),
    "gemma4_text":      GEMMA2.but( layers=and_the_last(every(6)),                                       qk_norm=head_norm(),
                          experts=E(lambda fields, n: [fields.on("enable_moe_block")] * n, beside=True), shape=gemma4_heads,
                              extra=per_layer_inputs, counts=("hidden_size_per_layer_input", "enable_moe_block"),
                          defaults=dict(sliding_window=512, global_head_dim=512, hidden_size_per_layer_input=256,
                              vocab_size_per_layer_input=262_144)),

    # biases everywhere, two matrices
    "gpt2":             BIASED.but(tied=True, positions=0),
    "gpt_bigcode":      BIASED.but(tied=True, positions=0, shape=falcon_heads, defaults=dict(multi_query=True)),
    "gpt_neox":         BIASED.but(                                             bias=(A, A, True), defaults=dict(attention_bias=True)),
    "gptj":             BIASED.but(                                             bias=(False, False, True), norms=1, head_bias=True),
    "opt":              BIASED.but(
                          tied=True, positions=2, final_norm="do_layer_norm_before", embedding="word_embed_proj_dim",
                          defaults=dict(do_layer_norm_before=True)),
    "phi":              BIASED.but( qk_norm=head_norm("qk_layernorm", 2), norms=1, head_bias=True),
    "falcon":           BIASED.but(                                             bias=("bias", "bias", "bias"),
                          tied=True, norms=falcon_norms, shape=falcon_heads, defaults=dict(multi_query=True, parallel_attn=True)),

    # experts
    "mixtral":          F(         layers=windowed,                             bias=NO,
                          experts=WIDE, defaults=dict(num_key_value_heads=8, num_experts=8, num_experts_per_tok=2)),
    "phimoe":           F(         layers=windowed,
                          experts=WIDE, norm_vectors=2, head_bias="lm_head_bias",
                          defaults=dict(num_key_value_heads=8, num_experts=16, num_experts_per_tok=2)),
    "gpt_oss":          F(         layers=alternating,
                          experts=replace(WIDE, router_bias=True, expert_bias=True), sinks=(True, True),
                          defaults=dict(attention_bias=True, num_key_value_heads=8, head_dim=64, sliding_window=128, num_experts=128,
                              num_experts_per_tok=4)),
    "llama4_text":      F(         layers=by_rope(WINDOW, FULL), window=CHUNK,
                          experts=replace(WIDE, where=interleaved, shared=1), mlp_width="intermediate_size_mlp",
                          defaults=dict(num_key_value_heads=8, head_dim=128, attention_chunk_size=8192, num_experts=16,
                              num_experts_per_tok=1)),
    "granitemoe":       F(         experts=WIDE, defaults=dict(num_experts=8, num_experts_per_tok=2)),
    "granitemoeshared": F(
                          experts=replace(WIDE, shared=1, shared_width="shared_intermediate_size"),
                          defaults=dict(num_experts=8, num_experts_per_tok=2, shared_intermediate_size=0)),
    "olmoe":            F(                                                                               qk_norm=whole_norm(),
                          experts=WIDE, defaults=dict(num_experts=64, num_experts_per_tok=8)),
    "hunyuan_v1_moe":   F(                                                                               qk_norm=head_norm(),
                          experts=replace(WIDE, shared=1), defaults=dict(num_experts_per_tok=1)),
    "minimax_m2":       F(                                                      bias=NO,                 qk_norm=whole_norm("use_qk_norm"),
                          experts=replace(WIDE, correction="use_routing_bias"),
                          defaults=dict(num_key_value_heads=8, head_dim=128, use_qk_norm=True, use_routing_bias=True,
                              num_experts_per_tok=8)),
    "minimax_m3_vl_text": F(       layers=block_layers,                         bias=NO,                 qk_norm=head_norm(),
                          experts=replace(DEEPSEEK, width="intermediate_size", shared_width="shared_intermediate_size"),
                              attention=block_sparse, selects=selected_blocks, mlp_width="dense_intermediate_size",
                              counts=("sparse_attention_config",),
                          defaults=dict(num_key_value_heads=4, head_dim=128, first_k_dense_replace=0, n_shared_experts=1)),
    "qwen2_moe":        F(         layers=early_windows,         window=SWITCH, bias=("qkv_bias", False, False),
                          experts=BESIDE,
                          defaults=dict(num_key_value_heads=16, qkv_bias=True, sliding_window=4096, num_experts=60, num_experts_per_tok=4,
                              moe_intermediate_size=1408, shared_expert_intermediate_size=5632)),
    "qwen3_moe":        F(         layers=windowed,              window=SWITCH,                          qk_norm=head_norm(),
                          experts=E(stepped), defaults=dict(num_key_value_heads=4)),
    "qwen3_vl_moe_text": F(                                      window=SWITCH,                          qk_norm=head_norm(),
                          experts=E(stepped), tied=True, defaults=dict(num_key_value_heads=16)),
    "glm4_moe":         F(                                                      bias=(A, False, False),  qk_norm=head_norm("use_qk_norm"),
                          experts=DEEPSEEK,
                          defaults=dict(num_key_value_heads=8, first_k_dense_replace=1, n_shared_experts=1, num_experts_per_tok=8)),
    "dots1":            F(         layers=late_windows,                                                  qk_norm=head_norm(),
                          experts=DEEPSEEK, defaults=dict(num_key_value_heads=32, first_k_dense_replace=0, max_window_layers=62)),
    "ernie4_5_moe":     F(                                                      bias=(U, U, U),
                          experts=replace(DEEPSEEK, where=between, shared_bias=U), head_bias=U, tied=True,
                          defaults=dict(num_key_value_heads=4, n_shared_experts=2, num_experts=64, num_experts_per_tok=6,
                              moe_layer_start_index=1, moe_layer_interval=1)),
    "mimo_v2_flash":    F(         layers=marked,                               bias=(A, False, False),
                          experts=DEEPSEEK, shape=mimo_heads, sinks=("add_full_attention_sink_bias", "add_swa_attention_sink_bias"),
                          defaults=dict(num_key_value_heads=4, head_dim=192, v_head_dim=128, sliding_window=128, first_k_dense_replace=1,
                              num_experts_per_tok=8, add_swa_attention_sink_bias=True)),

    # linear attention beside the other
    "qwen3_next":       NEXT,
    "qwen3_5_text":     NEXT.but(  experts=None, defaults=dict(num_key_value_heads=4)),
    "qwen3_5_moe_text": NEXT.but(  defaults=dict(num_experts=256, num_experts_per_tok=8)),
    "kimi_linear":      MLA.but(   layers=kimi_layers,
                          experts=replace(DEEPSEEK, latent="routed_expert_hidden_size"), attention=hybrid(kimi_delta, latent),
                              gate="mla_use_output_gate", counts=(*MLA.counts, "linear_attn_config"),
                          defaults=dict(q_lora_rank=None, first_k_dense_replace=1)),

    # compressed vectors
    "deepseek_v2":      MLA.but(   experts=PLAIN, defaults=dict(n_shared_experts=2, first_k_dense_replace=0, num_experts_per_tok=None)),
    "deepseek_v3":      MLA,
    "mistral4":         MLA.but(   experts=PLAIN, defaults=dict(q_lora_rank=1024, kv_lora_rank=256, qk_nope_head_dim=64,
                              first_k_dense_replace=0, num_experts_per_tok=4)),
    "glm4_moe_lite":    MLA.but(   defaults=dict(q_lora_rank=768, qk_nope_head_dim=192, v_head_dim=256, first_k_dense_replace=1,
                              num_experts_per_tok=4)),
    "deepseek_v32":     DSA,
    "glm_moe_dsa":      DSA.but(   defaults=dict(q_lora_rank=2048, qk_nope_head_dim=192, v_head_dim=256, index_n_heads=32)),
    "deepseek_v4":      F(         layers=compressed_layers,     window=lambda fields: fields.count("sliding_window"),
                          experts=E(shared="n_shared_experts", correction=True, hashed="num_hash_layers"), attention=compressed,
                              shape=one_vector, selects=lambda fields: 4 * fields.count("index_topk"), extra=hyper_connections,
                              counts=("q_lora_rank", "compress_ratios", "index_topk", "o_lora_rank"),
                          defaults=dict(sliding_window=128, n_shared_experts=1, hc_mult=4, num_hash_layers=3, q_lora_rank=1024,
                              index_topk=512, index_head_dim=128, index_n_heads=64, head_dim=512, o_groups=8, o_lora_rank=1024,
                              num_experts_per_tok=6)),
}

#: Other names that configs give to the same text model.
SAME_AS = {
    "qwen2_vl": "qwen2", "qwen2_vl_text": "qwen2", "qwen2_5_vl": "qwen2", "qwen2_5_vl_text": "qwen2",
    "qwen2_5_omni_text": "qwen2", "mimo": "qwen2",
    "qwen3_vl": "qwen3_vl_text", "qwen3_vl_moe": "qwen3_vl_moe_text", "qwen3_omni_moe_text": "qwen3_moe",
    "qwen3_5": "qwen3_5_text", "qwen3_5_moe": "qwen3_5_moe_text",
    "gemma3": "gemma3_text", "gemma4": "gemma4_text", "llama4": "llama4_text", "ministral": "mistral",
    "minimax_m3": "minimax_m3_vl_text", "minimax_m3_vl": "minimax_m3_vl_text",
    "kimi_k2": "deepseek_v3", "kimi_k25": "deepseek_v3", "kimi_k3": "kimi_linear", "deepseek_ref": "deepseek_v4",
}
