"""What is typed, judged by shape only; rules live in policies and services."""
