"""Starts and stops a private PostgreSQL and Redis when no DATABASE_URL / REDIS_URL is given.

For demonstration and tests; a county's data lives in a real server. Nothing here imports Django:
manage.py and the test plugin need it before the settings are read.
"""
