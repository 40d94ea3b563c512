from django.urls import path

from webapp.live.views import live_stream

urlpatterns = [path("stream", live_stream, name="live-stream")]
