"""A twin of Kaggle's table *Insurance claims and policy data*: its schema and margins, none of its rows.

Its target `Risk Profile` is next to noise there and here. Refuses to make it learnable by more
than `dependence` says, and it is no fraud label.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from pyarrow import csv

from perito.domain.errors import ParameterError
from perito.simulate.draws import FloatArray, IntArray, Texts, integers, words
from perito.simulate.writing import SimulationSummary, publishing

NAME, FILE, ROWS = "kaggle-policies", "data_synthetic.csv", 53_503
RISK_SHARES = (0.213, 0.288, 0.188, 0.311)
"""Shares of Risk Profile 0, 1, 2 and 3 in the published table."""
DEPENDENCE = 0.12
"""Chosen so that a good model's macro AUC comes out near .54; .546 is published for the table."""

_FIVE = tuple(f"policy{number}" for number in range(1, 6))
_WAYS = ("Email", "In-Person Meeting", "Mail", "Phone", "Text")
_STATES = (
    "Andaman and Nicobar Islands|Andhra Pradesh|Arunachal Pradesh|Assam|Bihar|Chandigarh|Chhattisgarh|"
    "Dadra and Nagar Haveli|Daman and Diu|Delhi|Goa|Gujarat|Haryana|Himachal Pradesh|Jharkhand|Karnataka|Kerala|"
    "Lakshadweep|Madhya Pradesh|Maharashtra|Manipur|Meghalaya|Mizoram|Nagaland|Odisha|Puducherry|Punjab|Rajasthan|"
    "Sikkim|Tamil Nadu|Telangana|Tripura|Uttar Pradesh|Uttarakhand|West Bengal"
)
_RISK = "Risk Profile"
Content: TypeAlias = tuple[str, ...] | range | tuple[np.datetime64, np.datetime64]
COLUMNS: Mapping[str, Content] = {
    "Customer ID": range(1, 100_000),
    "Age": range(18, 71),
    "Gender": ("Female", "Male"),
    "Marital Status": ("Divorced", "Married", "Separated", "Single", "Widowed"),
    "Occupation": (
        "Artist",
        "Doctor",
        "Engineer",
        "Entrepreneur",
        "Lawyer",
        "Manager",
        "Nurse",
        "Salesperson",
        "Teacher",
    ),
    "Income Level": range(20_000, 150_001),
    "Education Level": ("Associate Degree", "Bachelor's Degree", "Doctorate", "High School Diploma", "Master's Degree"),
    "Geographic Information": tuple(_STATES.split("|")),
    "Location": range(10_000, 100_000),
    "Behavioral Data": _FIVE,
    "Purchase History": (np.datetime64("2018-01-01"), np.datetime64("2023-12-31")),
    "Policy Start Date": (np.datetime64("2018-01-01"), np.datetime64("2023-12-31")),
    "Policy Renewal Date": (np.datetime64("2023-01-01"), np.datetime64("2024-12-31")),
    "Claim History": range(6),
    "Interactions with Customer Service": ("Chat", "Email", "In-Person", "Mobile App", "Phone"),
    "Insurance Products Owned": _FIVE,
    "Coverage Amount": range(50_000, 1_000_001),
    "Premium Amount": range(500, 5_001),
    "Deductible": range(100, 2_001),
    "Policy Type": ("Business", "Family", "Group", "Individual"),
    "Customer Preferences": _WAYS,
    "Preferred Communication Channel": _WAYS,
    "Preferred Contact Time": ("Afternoon", "Anytime", "Evening", "Morning", "Weekends"),
    "Preferred Language": ("English", "French", "German", "Mandarin", "Spanish"),
    _RISK: range(4),
    "Previous Claims History": range(4),
    "Credit Score": range(500, 851),
    "Driving Record": ("Accident", "Clean", "DUI", "Major Violations", "Minor Violations"),
    "Life Events": ("Childbirth", "Divorce", "Job Change", "Marriage", "Retirement"),
    "Segmentation Group": tuple(f"Segment{number}" for number in range(1, 6)),
}
"""The 30 columns in their order: categories, a range of whole numbers, or first and last day."""


def simulate_kaggle_policies(rows: int = ROWS, *, seed: int, dependence: float = DEPENDENCE) -> pa.Table:
    """Draw the twin: one row per policy, `Customer ID` not unique, every column without nulls.

    Columns are uniform and independent of each other. `Risk Profile` keeps its published
    shares and leans on the credit score, previous claims and age by `dependence`, the
    log-odds between neighbouring classes for one standard deviation; 0 is pure noise. Dates
    are text in the two notations that a spreadsheet left: `04-10-2018` when the day is at
    most 12, `4/14/2018` otherwise, both month first.

    Raises
    ------
    ParameterError
        When `rows` is not positive or `seed` is negative.
    """
    for name, value, least in (("rows", rows, 1), ("seed", seed, 0)):
        if value < least:
            raise ParameterError(f"Expected {least} or more, and {value} came.", where=name, remedy="Raise it.")
    rng = np.random.default_rng(seed)
    codes = {name: rng.integers(0, len(_values(content)), rows) for name, content in COLUMNS.items()}
    codes[_RISK] = _draw_risk(codes, dependence, rng)
    return pa.table({name: _column(content, codes[name]) for name, content in COLUMNS.items()})


def write_kaggle_policies(
    rows: int, folder: Path, *, seed: int, overwrite: bool = False, dependence: float = DEPENDENCE
) -> SimulationSummary:
    """Draw the twin and write it into `folder` as `data_synthetic.csv`, all at once.

    Raises
    ------
    ParameterError
        As `simulate_kaggle_policies`.
    OutputError
        When `folder` holds something else and `overwrite` is false, or the disk refuses.
    """
    folder = folder.resolve()
    table = simulate_kaggle_policies(rows, seed=seed, dependence=dependence)
    made_by = {"simulator": NAME, "seed": seed, "rows": rows, "dependence": dependence}
    with publishing(folder, made_by=made_by, overwrite=overwrite) as fresh, (fresh / FILE).open("wb") as file:
        file.write((",".join(table.column_names) + "\n").encode())  # pyarrow would quote it, the table has none
        csv.write_csv(table, file, csv.WriteOptions(include_header=False, quoting_style="none"))
    return SimulationSummary(name=NAME, folder=folder, files=(folder / FILE,), truth=None, rows={"policies": rows})


def _values(content: Content) -> Sequence[str] | range:
    match content:
        case (np.datetime64() as first, np.datetime64() as last):
            return [_spreadsheet(str(day)) for day in np.arange(first, last + np.timedelta64(1, "D"))]
        case range():
            return content
        case names:
            return [str(name) for name in names]


def _spreadsheet(day: str) -> str:
    year, month, number = day.split("-")
    return f"{month}-{number}-{year}" if int(number) <= 12 else f"{int(month)}/{int(number)}/{year}"


def _column(content: Content, code: IntArray) -> Texts | pa.Int64Array:
    values = _values(content)
    return integers(code + values.start) if isinstance(values, range) else words(values, code)


def _draw_risk(codes: Mapping[str, IntArray], dependence: float, rng: np.random.Generator) -> IntArray:
    leaning = _standardised(codes["Previous Claims History"]) - _standardised(codes["Credit Score"])
    leaning = (leaning - _standardised(codes["Age"])) / np.sqrt(3)
    log_odds = np.log(RISK_SHARES) + dependence * np.outer(leaning, np.arange(len(RISK_SHARES)) - 1.6)
    heaped = np.cumsum(np.exp(log_odds), axis=1)
    at = rng.random(len(leaning)) * heaped[:, -1]
    risk: IntArray = (at[:, None] >= heaped).sum(axis=1)
    return risk


def _standardised(code: IntArray) -> FloatArray:
    scaled: FloatArray = (code - code.mean()) / max(float(code.std()), 1e-9)
    return scaled
