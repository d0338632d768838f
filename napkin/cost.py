"""Chapter 6: what a user costs, rented or owned."""

from .language.formulas import formula, unit

SECONDS_PER_HOUR = 3600 * unit("second/hour")
TOKENS_PER_MILLION = 1_000_000 * unit("token/million_tokens")
WATTS_PER_KILOWATT = 1000 * unit("watt/kilowatt")


@formula(r"c_{\mathrm{h}}", "dollar/user/hour", label="rent for a user-hour", needs=("users",))
def cost_per_user_hour(gpu_hour_price, users):
    """Rent of a GPU for an hour, shared by its users."""
    return gpu_hour_price / users


@formula(r"c_{\mathrm{m}}", "dollar/user/month", label="rent for a user-month")
def cost_per_user_month(cost_per_user_hour, hours_per_month):
    """Rent of a GPU for a month, shared by its users."""
    return cost_per_user_hour * hours_per_month


@formula(r"c_{\mathrm{cap}}", "dollar/user", label="purchase price for a user", needs=("users",))
def capital_per_user(gpu_price, users):
    """Price of a GPU, shared by its users: the article's lifetime cost, before power."""
    return gpu_price / users


@formula(r"c_{\mathrm{Mtok}}", "dollar/million_tokens", label="rent for a million output tokens")
def cost_per_million_output_tokens(gpu_hour_price, tokens_per_second):
    """Rent for as long as the GPU needs for a million new tokens, prompts not counted."""
    return gpu_hour_price / (tokens_per_second * SECONDS_PER_HOUR) * TOKENS_PER_MILLION


@formula(r"e", "dollar/hour", label="electricity an hour")
def energy_cost_per_hour(power, electricity_price):
    """Electricity of one GPU for an hour, cooling included."""
    return power / WATTS_PER_KILOWATT * electricity_price


@formula(r"R(h)", "dollar", label="rented")
def rented_total(gpu_hour_price, hours_of_use):
    """What renting has cost after some hours of use."""
    return gpu_hour_price * hours_of_use


@formula(r"O(h)", "dollar", label="owned")
def owned_total(gpu_price, energy_cost_per_hour, hours_of_use):
    """What buying has cost after as many: the price at once, then electricity."""
    return gpu_price + energy_cost_per_hour * hours_of_use


@formula(r"s_{\mathrm{h}}", "dollar/hour", label="saved an hour",
         otherwise="never: electricity alone costs {energy_cost_per_hour} an hour, renting {gpu_hour_price}")
def saving_per_hour(gpu_hour_price, energy_cost_per_hour):
    """What an owner saves for every hour not rented."""
    return gpu_hour_price - energy_cost_per_hour


@formula(r"h^{*}", "hour", label="hours until buying is cheaper", needs=("saving_per_hour",))
def break_even_hours(gpu_price, saving_per_hour):
    """Hours of use after which the bought GPU has cost less than the rented one."""
    return gpu_price / saving_per_hour
