"""May this be done: answered once for the service that refuses and the button that is off."""
