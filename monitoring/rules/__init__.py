"""Pure rules of monitoring: category, day counting, 七个不消, privacy of notices. No Django, no database."""
