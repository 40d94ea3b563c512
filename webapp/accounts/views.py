"""Log-in and log-out."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse

from webapp.accounts import throttle
from webapp.accounts.forms import THROTTLED, LogInForm


class LogInView(LoginView):
    """429 with Retry-After once an account or an address has tried too often."""

    template_name = "login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", code=THROTTLED):
            response.status_code = 429
            response["Retry-After"] = str(throttle.WINDOW_S)
        return response
