"""Printed papers: one declared paper is printed as PDF, DOCX and XLSX, for one subject or for many.

layout     Document and its blocks: what stands on a paper, without knowing how it is drawn
declaring  Paper, Printing, papers: which papers exist; an app adds its own in AppConfig.ready()
codes      the code on every sheet, which leads back to the household or place
pdf        a document as PDF (A4), many PDFs as one
word       documents as DOCX, to be worked over in WPS
workbook   documents as a workbook, one sheet each, set up for A4
"""
