"""Forms of monitoring. They judge shape only and hand typed inputs to the services."""
