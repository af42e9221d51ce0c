# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your own case from a workbook
#
# A whole case can be kept in one workbook, `.xlsx`: a sheet for each table, and one for the model file. This notebook
# takes the starter workbook, changes it as a planner would in a spreadsheet program, and compares the plans.
#
# It needs the extras `excel` and `report`: `pip install 'gigaplan[excel,report]'`. To edit the workbook from Python,
# as it is done here, it needs openpyxl too (`pip install openpyxl`); a spreadsheet program needs none of them. The
# guide is `docs/workbooks.md`.

# %%
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from openpyxl import load_workbook

from planner import Case, CaseError, compare

# %% tags=["parameters"]
GAP = 0.005  # relative gap between cost and bound at which to stop: half a per cent

# %% [markdown]
# ## The starter workbook
#
# In a terminal: `planner new --workbook my.xlsx`.

# %%
work = TemporaryDirectory()
file = Path(work.name) / "my.xlsx"
words = ["new", "--workbook", str(file)]
subprocess.run([sys.executable, "-m", "planner", *words], check=True, capture_output=True)
book = load_workbook(file)
print(*book.sheetnames, sep=", ")

# %% [markdown]
# Each sheet has units in its first row and names in its second; the sites:

# %%
sites = pd.read_excel(file, sheet_name="sites", header=1, engine="calamine")
sites[["site", "country", "power_region", "max_it_mw", "pue_peak"]]

# %% [markdown]
# A workbook is a case like any other.

# %%
case = Case.read(file)
plan = case.solve(gap=GAP)
print(f"cost ${plan.cost_busd:.2f}B, gap {plan.gap:.2%}, unserved {plan.summary['unserved_share']:.2%}")

# %% [markdown]
# ## Change it
#
# The desert campus gets power for 250 more IT MW, and the demand of one market is 10 % higher in every year. In a
# spreadsheet program these are a few cells; here the same by openpyxl.


# %%
def column_of(sheet, name):
    """The number of a column by its name, which is in the second row."""
    return next(cell.column for cell in sheet[2] if cell.value == name)


def rows_of(sheet, key):
    """The rows of a key, which is in the first column."""
    return [cells[0].row for cells in sheet.iter_rows(min_row=3) if cells[0].value == key]


sheet = book["sites"]
[row] = rows_of(sheet, "desert")
cell = sheet.cell(row, column_of(sheet, "max_it_mw"))
print("room at desert, IT MW:", cell.value, "->", cell.value + 250)
cell.value += 250

sheet = book["demand"]
market = sheet.cell(3, 1).value
for row in rows_of(sheet, market):
    sheet.cell(row, column_of(sheet, "compute")).value *= 1.1
print("10 % more demand of", market)
changed_file = Path(work.name) / "changed.xlsx"
book.save(changed_file)

# %%
changed = Case.read(changed_file).solve(gap=GAP)
print(f"cost ${changed.cost_busd:.2f}B, gap {changed.gap:.2%}, unserved {changed.summary['unserved_share']:.2%}")

# %% [markdown]
# ## What has changed
#
# Each bar is the difference of the cost in one item, present value.

# %%
comparison = compare(plan, changed)
waterfall_figure = comparison.plot.waterfall()
waterfall_figure

# %%
capacity_figure = changed.plot.capacity()
capacity_figure

# %% [markdown]
# ## Slips
#
# Errors are all reported at once, by sheet and cell.

# %%
book["offers"].cell(3, column_of(book["offers"], "tenure")).value = "rented"
book["sites"].cell(4, column_of(book["sites"], "power_region")).value = "south_west"
book.save(Path(work.name) / "wrong.xlsx")
try:
    Case.read(Path(work.name) / "wrong.xlsx")
except CaseError as error:
    for problem in error.problems:
        print(problem.cell, problem.column, problem.message, sep=" | ")

# %% [markdown]
# ## The plan in a workbook
#
# A sheet for each table, one with the meaning of every column, numbers as numbers: ready for a pivot table. In a
# terminal: `planner export PLAN plan.xlsx`.

# %%
changed.export(Path(work.name) / "plan.xlsx")
spend = pd.read_excel(Path(work.name) / "plan.xlsx", sheet_name="spend", engine="calamine")
by_item = spend[spend["part"] == "spend"].groupby("item")["amount_busd"].sum().sort_values(ascending=False)
work.cleanup()
by_item.round(2).to_frame("$B nominal")
