"""Pages of the kernel itself. fanpin.urls also names its error handlers."""

from django.urls import path

from fanpin.web import views

app_name = "web"
urlpatterns = [
    path("export/", views.export_list, name="export"),
    path("gallery/", views.gallery_page, name="gallery"),
    path("gallery/list/", views.gallery_list, name="gallery_list"),
]
