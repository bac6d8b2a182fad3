"""What the demonstration leaves in the audit."""

from fanpin.audit.verbs import register

LOADED = register("demo.loaded", "装入演示农户{subject}")
