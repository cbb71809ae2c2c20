"""The rivals that have a column of their own in the ledger: a list that admins edit (P3)."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gridops.accounts.guards import for_roles
from gridops.accounts.models import Role
from projects.forms_rivals import OPERATORS, began_with_current, state_of_operators
from projects.models import Operator


@for_roles(Role.ADMIN)
def operators(request: HttpRequest) -> HttpResponse:
    """Their names, their order, which are in use; 409 when someone changed the list in the meantime."""
    rows = Operator.objects.annotate(offer_count=Count("offers"))
    formset = OPERATORS(request.POST or None, queryset=rows)
    changed = False
    if request.method == "POST" and formset.is_valid():
        with transaction.atomic():
            list(Operator.objects.select_for_update().order_by("pk").values_list("pk"))
            changed = not began_with_current(request.POST.get("state", ""))
            if not changed:
                try:
                    with transaction.atomic():
                        formset.save()
                except ProtectedError:  # an offer came between the check and this
                    messages.warning(request, _("Not deleted: offers of this operator are on record."))
                else:
                    messages.success(request, _("Saved."))
                return redirect("projects:operators")
    context = {
        "formset": formset,
        "state": state_of_operators(),
        "changed": changed,
        "operators": Operator.objects.all() if changed else None,
    }
    status = 409 if changed else 422 if formset.is_bound else 200
    return render(request, "projects/operators.html", context, status=status)
