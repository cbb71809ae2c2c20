"""The import wizard: upload, columns, preview, result, undo. For whoever may import some kind of roster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gridops.accounts.guards import for_those, signed_in
from gridops.accounts.models import AccessRecord
from gridops.accounts.services import record_access
from gridops.jobs import services as jobs
from gridops.workbooks import services
from gridops.workbooks.blanks import template_workbook
from gridops.workbooks.export import XLSX
from gridops.workbooks.faults import WorkbookFault, message
from gridops.workbooks.forms import ColumnsForm, UploadForm
from gridops.workbooks.marking import marked_workbook
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.presenting import Presenter
from gridops.workbooks.services import Conflict
from gridops.workbooks.sheet import SHEETS, sheet_of, sheets_for

PAGE = 50


@require_GET
@for_those(sheets_for)
def batches(request: HttpRequest) -> HttpResponse:
    """Own imports, admins' all, newest first, and the templates."""
    page = Paginator(_batches(request), PAGE).get_page(request.GET.get("page"))
    return render(request, "workbooks/list.html", {"page": page, "sheets": sheets_for(signed_in(request))})


@require_http_methods(["GET", "POST"])
@for_those(sheets_for)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a workbook."""
    sheets, initial = sheets_for(signed_in(request)), {"kind": request.GET.get("kind", "")}
    form = UploadForm(sheets, request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        batch = services.receive(form.cleaned_data["file"], signed_in(request), form.cleaned_data["kind"])
        return redirect("workbooks:batch", batch.pk)
    return render(request, "workbooks/upload.html", {"form": form, "sheets": sheets})


@require_GET
@for_those(sheets_for)
def template(request: HttpRequest, kind: str) -> FileResponse:
    """An empty roster to fill in."""
    if kind not in sheets_for(signed_in(request)):
        raise Http404
    sheet = sheet_of(kind)
    return FileResponse(
        template_workbook(sheet), as_attachment=True, filename=f"{sheet.title}-模板.xlsx", content_type=XLSX
    )


@require_GET
@for_those(sheets_for)
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """An import, as far as it is: at work, refused, its columns, its preview, its result."""
    found = _batch(request, pk)
    if found.state == Batch.State.MATCHED:
        return redirect("workbooks:columns", found.pk)
    context: dict[str, Any] = {"batch": found, "sheet": SHEETS.get(found.kind), "job": found.job}
    if not found.is_working and found.state != Batch.State.REFUSED:
        context |= _rows_shown(request, found)
        if found.state in (Batch.State.CHECKED, Batch.State.APPLIED) and not found.forgotten_at:
            context["consequences"] = SHEETS[found.kind].consequences(found)
    return render(request, "workbooks/batch.html", context)


@require_http_methods(["GET", "POST"])
@for_those(sheets_for)
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """How the columns were matched, to be mended by hand; then the check starts."""
    found = _batch(request, pk)
    if found.forgotten_at or found.state not in (Batch.State.MATCHED, Batch.State.CHECKED):
        return redirect("workbooks:batch", found.pk)
    form = ColumnsForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _step(
            request, found, lambda: services.confirm_columns(found, form.columns, form.month, by=signed_in(request))
        )
    context = {"batch": found, "form": form, "sheet": form.sheet}
    return render(request, "workbooks/columns.html", context)


@require_POST
@for_those(sheets_for)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Check once more: stored rows have changed since the preview."""
    found = _batch(request, pk)
    return _step(request, found, lambda: services.check(found))


@require_POST
@for_those(sheets_for)
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write all rows, or the valid ones only."""
    found = _batch(request, pk)
    valid_only = request.POST.get("rows") == "valid"
    return _step(request, found, lambda: services.apply(found, valid_only=valid_only))


@require_http_methods(["GET", "POST"])
@for_those(sheets_for)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, saying how many rows; then take the import back."""
    found = _batch(request, pk)
    if request.method == "POST":
        return _step(request, found, lambda: services.undo(found))
    if found.forgotten_at or found.state != Batch.State.APPLIED:
        return redirect("workbooks:batch", found.pk)
    sheet = SHEETS[found.kind]
    return render(request, "workbooks/undo.html", {"batch": found, "sheet": sheet, "undoing": sheet.undoing(found)})


@require_POST
@for_those(sheets_for)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Do the failed step once more."""
    found = _batch(request, pk)
    if found.job is not None and found.is_working:
        jobs.run_again(found.job)
    return redirect("workbooks:batch", found.pk)


@require_GET
@for_those(sheets_for)
def marked(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The refused rows as the original workbook, marked, with a column of reasons."""
    found = _batch(request, pk)
    if found.forgotten_at or not found.rows_refused:
        raise Http404
    try:
        file = marked_workbook(found)
    except (FileNotFoundError, WorkbookFault):
        messages.error(request, message("file_changed"))
        return redirect("workbooks:batch", found.pk)
    record_access(request, AccessRecord.Kind.EXPORT, f"workbooks.batch:{found.pk}:marked", found.rows_refused)
    name = f"{Path(found.file_name).stem}-标注.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


# --- parts ---


def _batches(request: HttpRequest) -> QuerySet[Batch]:
    """Those that the person may see, of kinds that they may still import."""
    user = signed_in(request)
    found = Batch.objects.for_user(user).select_related("job", "uploaded_by")
    return found if user.scope.everything else found.filter(kind__in=["", *sheets_for(user)])


def _batch(request: HttpRequest, pk: int) -> Batch:
    return get_object_or_404(_batches(request), pk=pk)


def _step(request: HttpRequest, found: Batch, step: Callable[[], Batch]) -> HttpResponse:
    try:
        step()
    except Conflict:
        messages.warning(request, _("This step was not possible: the import is no longer where the page showed it."))
    return redirect("workbooks:batch", found.pk)


class _Counted(Paginator):  # type: ignore[type-arg]
    """Pages of rows whose number is known without counting."""

    def __init__(self, rows: QuerySet[Row], known: int) -> None:
        super().__init__(rows, PAGE)
        self.known = known

    @cached_property
    def count(self) -> int:
        """As the batch says."""
        return self.known


def _rows_shown(request: HttpRequest, found: Batch) -> dict[str, Any]:
    """The tab that the address asks for, and how many rows stand behind each."""
    rows = Row.objects.filter(batch=found)
    noted = rows.noted().exclude(state=Row.State.REFUSED)
    tabs: dict[str, tuple[str, QuerySet[Row], int]] = {
        "faults": (_("Refused"), rows.refused(), found.rows_refused),
        "changes": (_("Changed"), rows.changed(), found.rows_changed),
        "new": (_("New"), rows.filter(state=Row.State.NEW), found.rows_new),
        "notes": (_("Read one way of two"), noted, noted.count()),
        "kept": (_("Kept by undoing"), rows.filter(kept=True), found.rows_kept),
    }
    filled = [name for name, (_title, _rows, number) in tabs.items() if number]
    show = request.GET.get("show", "")
    show = show if show in filled else (filled[0] if filled else "")
    shown: dict[str, Any] = {"tabs": [(name, tabs[name][0], tabs[name][2]) for name in filled], "show": show}
    if show:
        page = _Counted(tabs[show][1], tabs[show][2]).get_page(request.GET.get("page"))
        shown |= {"page": page, "rows": list(Presenter(found, list(page.object_list)).all())}
    return shown
