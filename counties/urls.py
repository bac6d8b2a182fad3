from django.urls import URLPattern

app_name = "counties"
urlpatterns: list[URLPattern] = []
