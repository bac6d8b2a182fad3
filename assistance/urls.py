from django.urls import path

from assistance.views import households, lines, lists, measures, plans

app_name = "assistance"
urlpatterns = [
    path("plans/", lists.plan_list, name="plans"),
    path("plans/<int:pk>/", plans.detail, name="plan"),
    path("plans/<int:pk>/edit/", plans.edit, name="plan_edit"),
    path("plans/<int:pk>/print/", plans.print_view, name="plan_print"),
    path("plans/<int:pk>/submit/", plans.submit, name="plan_submit"),
    path("plans/<int:pk>/approve/", plans.approve, name="plan_approve"),
    path("plans/<int:pk>/return/", plans.return_, name="plan_return"),
    path("plans/<int:pk>/conclusion/", plans.conclude, name="plan_conclude"),
    path("plans/<int:pk>/look-back/", plans.look_back, name="plan_look_back"),
    path("plans/<int:pk>/documents/", plans.document_add, name="document_add"),
    path("documents/<int:pk>/", plans.document, name="document"),
    path("plans/<int:pk>/risks/add/", lines.risk_add, name="risk_add"),
    path("risks/<int:pk>/edit/", lines.risk_edit, name="risk_edit"),
    path("risks/<int:pk>/remove/", lines.risk_remove, name="risk_remove"),
    path("risks/<int:pk>/result/", lines.risk_result, name="risk_result"),
    path("plans/<int:pk>/items/add/", lines.item_add, name="item_add"),
    path("items/<int:pk>/edit/", lines.item_edit, name="item_edit"),
    path("items/<int:pk>/remove/", lines.item_remove, name="item_remove"),
    path("measures/", lists.measure_list, name="measures"),
    path("measures/<int:pk>/", measures.detail, name="measure"),
    path("measures/<int:pk>/deliver/", measures.deliver, name="measure_deliver"),
    path("measures/<int:pk>/cancel/", measures.cancel, name="measure_cancel"),
    path("evidence/<int:pk>/", measures.evidence, name="evidence"),
    path("households/<int:pk>/", households.tab, name="household"),
    path("households/<int:pk>/plan/", plans.draft, name="plan_draft"),
    path("households/<int:pk>/plan/new/", plans.new_version, name="plan_new"),
    path("households/<int:pk>/measures/add/", measures.create, name="measure_create"),
    path("households/<int:pk>/advance/", households.advance_confirm, name="advance_confirm"),
    path("households/<int:pk>/folder/<str:code>/", households.file_note, name="file_note"),
    path("advance/<int:pk>/settle/", households.advance_settle, name="advance_settle"),
    path("advance-evidence/<int:pk>/", households.advance_evidence, name="advance_evidence"),
    path("folder-files/<int:pk>/", households.file, name="file"),
]
