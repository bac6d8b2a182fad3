"""A demonstration county of generated people. Composition: it drives every app through its services or bulk path."""
