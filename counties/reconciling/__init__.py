"""对账: the national system's exports read as they are, set beside the register, and what has to be keyed there.

layouts    the kinds of export: their heads in order, and which column of ours each says the same as
speaking   a typed value in their words; both sides are compared in these
receiving  an uploaded export as texts, kept beside it
meeting    theirs joined with ours: same, different field by field, on one side only
running    the files and parts of a run, one after the other
keying     what has to be entered, mended or removed there, as a workbook in their layout
adopting   their values as a workbook of ours, which goes the way of every import
"""
