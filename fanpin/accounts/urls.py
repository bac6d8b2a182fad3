from django.contrib.auth.views import LogoutView
from django.urls import path

from fanpin.accounts import audit_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", views.OwnPassword.as_view(), name="password"),
    path("profile/", views.profile, name="profile"),
    path("users/", views.users, name="users"),
    path("users/new/", views.user_create, name="user_create"),
    path("users/<int:pk>/", views.user_detail, name="user"),
    path("users/<int:pk>/reset/", views.user_reset, name="user_reset"),
    path("users/<int:pk>/switch/", views.user_switch, name="user_switch"),
    path("users/<int:pk>/postings/new/", views.posting_create, name="posting_create"),
    path("postings/<int:pk>/end/", views.posting_end, name="posting_end"),
    path("audit/", audit_views.audit, name="audit"),
    path("demo-clock/", views.demo_clock, name="demo_clock"),
    path("divisions/", views.switch_division, name="switch_division"),
]
