from django.urls import path

from monitoring.views import cases, clues, households, lists, objects, records

app_name = "monitoring"
urlpatterns = [
    path("clues/", lists.clues, name="clues"),
    path("clues/create/", clues.create, name="clue_create"),
    path("clues/<int:pk>/handle/", clues.handle, name="clue_handle"),
    path("identification/", lists.identification, name="identification"),
    path("elimination/", lists.elimination, name="elimination"),
    path("rollback/", lists.rollback, name="rollback"),
    path("objects/", lists.objects, name="objects"),
    path("cases/", lists.cases, name="cases"),
    path("cases/<int:pk>/", cases.detail, name="case"),
    path("cases/<int:pk>/steps/<slug:name>/", cases.step, name="step"),
    path("cases/<int:pk>/notices/<int:notice_pk>/", cases.notice_print, name="notice_print"),
    path("cases/<int:pk>/objections/", records.objection_create, name="objection_create"),
    path("cases/<int:pk>/documents/", records.document_add, name="document_add"),
    path("cases/<int:pk>/reply/", records.reply, name="reply"),
    path("documents/<int:pk>/", records.document, name="document"),
    path("objections/<int:pk>/", records.objection_answer, name="objection_answer"),
    path("comparison/", lists.comparison_requests, name="comparison_requests"),
    path("comparison/<int:pk>/", records.comparison_answer, name="comparison_answer"),
    path("comparison/<int:pk>/explain/", records.comparison_explain, name="comparison_explain"),
    path("households/<int:pk>/", households.tab, name="household"),
    path("households/<int:pk>/eliminate/", households.eliminate, name="eliminate"),
    path("households/<int:pk>/rollback/", households.propose_rollback, name="propose_rollback"),
    path("households/<int:pk>/relabel/", households.propose_relabel, name="propose_relabel"),
    path("households/<int:pk>/risks/", objects.risk_create, name="risk_create"),
    path("households/<int:pk>/category/", objects.category, name="category"),
    path("households/<int:pk>/void/", objects.void, name="void"),
    path("households/<int:pk>/gone/", objects.gone, name="gone"),
    path("households/<int:pk>/close/", objects.close, name="close"),
    path("households/<int:pk>/reopen/", objects.reopen, name="reopen"),
    path("risks/<int:pk>/resolve/", objects.risk_resolve, name="risk_resolve"),
    path("risks/<int:pk>/decide/", objects.risk_decide, name="risk_decide"),
]
