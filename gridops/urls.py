"""All addresses, nested by resource. Apps are named as strings: the ground imports nothing above it."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
