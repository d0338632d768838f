"""Chapter 6 against the errata's figures and against adding up hour by hour."""

import pytest

from napkin import NapkinError
from napkin.cost import (
    break_even_hours,
    capital_per_user,
    cost_per_million_output_tokens,
    cost_per_user_hour,
    cost_per_user_month,
    owned_total,
    rented_total,
)

SECOND_HALF = {"context": 20_000, "duty_cycle": 0.2}


def test_figures_of_the_errata():
    assert capital_per_user() == pytest.approx(6666.67, abs=0.005)
    assert capital_per_user(users=300) == pytest.approx(133.33, abs=0.005)
    assert cost_per_user_hour(users=300) == pytest.approx(0.013333, abs=5e-7)
    assert cost_per_user_month(users=300) == pytest.approx(9.60, abs=1e-12)
    assert cost_per_user_month(users=300, hours_per_month=730.5) == pytest.approx(9.74, abs=5e-6)
    assert cost_per_user_month(users=200) == pytest.approx(14.40, abs=1e-12)
    assert cost_per_user_month(**SECOND_HALF) == pytest.approx(9.44, abs=5e-3)
    assert cost_per_million_output_tokens() == pytest.approx(4.38, abs=5e-3)
    assert cost_per_million_output_tokens(context=20_000) == pytest.approx(0.44, abs=5e-3)


def test_a_million_tokens_hour_by_hour():
    """In an hour the GPU writes 3600 seconds' worth of tokens for its rent."""
    tokens = 3600 * 6 / 0.0236608
    assert cost_per_million_output_tokens() == pytest.approx(4 / tokens * 1e6, rel=1e-12)


def test_break_even_by_adding_up():
    rented, owned, hours = 0.0, 40_000.0, 0
    while rented < owned:
        rented, owned, hours = rented + 4, owned + 1.3 * 0.10, hours + 1
    assert hours - 1 < break_even_hours() <= hours
    assert rented_total(hours_of_use=hours) == rented
    assert owned_total(hours_of_use=hours) == pytest.approx(owned)
    assert break_even_hours(electricity_price=0) == 10_000


def test_buying_never_pays_where_electricity_costs_more_than_rent():
    with pytest.raises(NapkinError, match=r"never: electricity alone costs \$1.30 an hour, renting \$1.00"):
        break_even_hours(gpu_hour_price=1, electricity_price=1)
