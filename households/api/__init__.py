"""The API of the register."""

from households.api.registry import router as router
