"""Workbooks and CSV: a column is declared once and gives template, import, export and round trip.

columns    Column, Check, Sheet, Book
guards     what may be parsed at all
reading    read_book(path, book, needed=…) → Read per sheet
checking   check(read, today=…) → typed frame and problems with coordinates
loading    stage, copy_frame, query_frame: COPY in and out
writing    write_xlsx, write_csv: large exports
templates  write_template: the workbook to fill in
error_files  the same as an answer or, for a large file, as a job with n of m
marking    write_error_workbook: the user's own file, wrong cells marked
"""
