from django.contrib.auth.views import LogoutView
from django.urls import path

from webapp.accounts.views import LogInView

urlpatterns = [
    path("login/", LogInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
