from django.urls import path

from counties.views import rules

app_name = "counties"
urlpatterns = [
    path("rules/", rules.rule_list, name="rules"),
    path("rules/<str:code>/", rules.rule_detail, name="rule"),
]
