"""The audit kernel: `fanpin.audit.recording.record` adds an act, `fanpin.audit.verbs.register` names one."""
