from django.urls import path

from counties.views import closure, comparison, findings, household, ledgers, rules

app_name = "counties"
urlpatterns = [
    path("ledgers/", ledgers.batch_list, name="ledgers"),
    path("ledgers/upload/", ledgers.upload, name="ledger_upload"),
    path("ledgers/template/<str:ledger>/", ledgers.template, name="ledger_template"),
    path("ledgers/<int:pk>/", ledgers.detail, name="ledger"),
    path("ledgers/<int:pk>/errors/", ledgers.errors, name="ledger_errors"),
    path("ledgers/<int:pk>/file/", ledgers.original, name="ledger_file"),
    path("comparison/", comparison.comparison, name="comparison"),
    path("comparison/<int:pk>/", comparison.run, name="run"),
    path("findings/", findings.finding_list, name="findings"),
    path("findings/dispatch/", findings.bulk_dispatch, name="findings_dispatch"),
    path("findings/waive/", findings.bulk_waive, name="findings_waive"),
    path("findings/evidence/<int:pk>/", findings.evidence, name="finding_evidence"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/<int:pk>/explain/", findings.explain, name="finding_explain"),
    path("findings/<int:pk>/corrected/", findings.corrected, name="finding_corrected"),
    path("findings/<int:pk>/accept/", findings.accept, name="finding_accept"),
    path("findings/<int:pk>/reject/", findings.reject, name="finding_reject"),
    path("findings/<int:pk>/waive/", findings.waive, name="finding_waive"),
    path("households/<int:pk>/findings/", household.household, name="household"),
    path("closure/", closure.closure, name="closure"),
    path("closure/<str:code>/", closure.closure_of, name="closure_of"),
    path("closure/<str:code>/run/", closure.run, name="closure_run"),
    path("closure/<str:code>/sign/", closure.sign, name="closure_sign"),
    path("closure/<str:code>/order/", closure.order, name="closure_order"),
    path("closure/<str:code>/<str:check>/", closure.items, name="closure_items"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/<str:code>/", rules.rule_detail, name="rule"),
]
