"""Addresses about people."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from gridops.accounts import views, views_access, views_calendar, views_deputies, views_people, views_rules

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("set-up/<uidb64>/<token>/", views.SetUpView.as_view(), name="set-up"),
    path("language/", views.set_language, name="language"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.own_password, name="password"),
    path("second-factor/", views.second_factor, name="second-factor"),
    path("second-factor/drop/", views.drop_second_factor, name="drop-second-factor"),
    path("menu/", views.menu, name="menu"),
    path("people/", views_people.people, name="people"),
    path("people/<int:pk>/", views_people.person, name="person"),
    path("people/<int:pk>/active/", views_people.set_active, name="person-active"),
    path("people/<int:pk>/set-up-link/", views_people.set_up_link, name="set-up-link"),
    path("rules/", views_rules.rules, name="rules"),
    path("access/", views_access.access, name="access"),
    path("deputies/", views_deputies.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", views_deputies.end_deputy, name="end-deputy"),
    path("leave/", views_calendar.leave, name="leave"),
    path("holidays/", views_calendar.holidays, name="holidays"),
    path("memberships/<int:pk>/end/", views_people.end_role, name="end-role"),
]
