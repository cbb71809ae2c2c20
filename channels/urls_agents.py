"""Addresses of agents: their file, staff, contracts, who owns which project, and the page of their own staff."""

from django.urls import path

from channels import views, views_agents_file, views_agents_own, views_agents_owner

urlpatterns = [
    path("agents/", views.agents, name="agents"),
    path("agents/export/", views.agents_export, name="agents-export"),
    path("agents/new/", views.agent_new, name="agent-new"),
    path("agents/mine/", views_agents_own.my_agent, name="my-agent"),
    path("agents/<int:pk>/", views.agent, name="agent"),
    path("agents/<int:pk>/edit/", views.agent_edit, name="agent-edit"),
    path("agents/<int:pk>/history/", views.agent_history, name="agent-history"),
    path("agents/<int:pk>/reveal/", views.reveal_agent, name="reveal-agent"),
    path("agents/<int:pk>/contracts/new/", views_agents_file.contract_new, name="contract-new"),
    path("agents/<int:pk>/staff/new/", views_agents_file.staff_new, name="staff-new"),
    path("agents/<int:pk>/give/", views_agents_owner.give, name="agent-give"),
    path("contracts/<int:pk>/", views_agents_file.contract, name="contract"),
    path("contracts/<int:pk>/paper/", views_agents_file.contract_paper, name="contract-paper"),
    path("staff/<int:pk>/", views_agents_file.staff, name="staff"),
    path("staff/<int:pk>/reveal/", views.reveal_staff, name="reveal-staff"),
    path("staff/<int:pk>/sign-in/", views_agents_file.sign_in, name="staff-sign-in"),
    path("staff/<int:pk>/sign-in/link/", views_agents_file.sign_in_link, name="staff-sign-in-link"),
    path("staff/<int:pk>/sign-in/end/", views_agents_file.sign_in_end, name="staff-sign-in-end"),
    path("projects/<int:pk>/owner/", views_agents_owner.owner, name="owner"),
    path("owner-changes/<int:pk>/withdraw/", views_agents_owner.owner_withdraw, name="owner-withdraw"),
]
