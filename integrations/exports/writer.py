"""The ExportWriter port: a book as one document, in the form that is asked for."""

from __future__ import annotations

from base64 import b64encode

from core.domain.imports import GroupFile
from core.domain.messages import Document
from integrations.exports.document import as_json
from integrations.exports.journals import as_beancount, as_hledger
from integrations.exports.table import as_csv
from integrations.exports.workbook import as_xlsx

FORMS = ("csv", "xlsx", "json", "beancount", "hledger")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BookWriter:
    """Writes values of one book; keeps nothing."""

    def write(self, file: GroupFile, form: str, *, title: str, currency: str) -> Document:
        """`form`: one of FORMS; `currency`: the book's own."""
        name = f"tuppence.{form}"
        if form == "csv":
            return Document(name, "text/csv", as_csv(file))
        if form == "xlsx":
            return Document(name, XLSX, b64encode(as_xlsx(file)).decode(), packed=True)
        if form == "json":
            return Document(name, "application/json", as_json(file, title=title, currency=currency))
        assert form in FORMS, f"no such form: {form}"
        write = as_beancount if form == "beancount" else as_hledger
        return Document("tuppence.journal" if form == "hledger" else name, "text/plain", write(file, title=title))
