from django.urls import path

from fanpin.accounts import region_views as views

app_name = "regions"
urlpatterns = [
    path("", views.division_list, name="list"),
    path("<str:code>/hamlets/new/", views.hamlet_create, name="hamlet_create"),
]
