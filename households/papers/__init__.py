"""The papers of the register: household card, income statement, change form, village roster."""
