"""Workbooks of village and natural village sheets, their columns made from counties.rules.lines."""
