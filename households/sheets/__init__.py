"""The household workbook: its columns, and what reading a filled-in one comes to."""
