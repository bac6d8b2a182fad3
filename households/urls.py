from django.urls import path

from households.views import parameters

app_name = "households"
urlpatterns = [
    path("parameters/", parameters.parameter_list, name="parameters"),
    path("parameters/set/", parameters.parameter_set, name="parameter_set"),
    path("policy-lists/", parameters.policy_lists, name="policy_lists"),
]
