"""Is every file read as it stands, with true lines, or refused with one sentence?"""

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import UserError
from data_access.importers import sniffing
from data_access.importers.reading import Layout, open_table

TABLE = "id;name\n1;Zoë\n2;Łódź\n"


def rows(table):
    return [(line, row) for batch in table.batches() for line, row in zip(batch.lines, batch.cells, strict=True)]


def workbook(cells, sheet="Sheet1"):
    """The smallest .xlsx that holds these rows as inline texts."""
    lines = []
    for y, row in enumerate(cells, 1):
        filled = [(x, text) for x, text in enumerate(row) if text]
        inside = "".join(f"<c r='{chr(65 + x)}{y}' t='inlineStr'><is><t>{text}</t></is></c>" for x, text in filled)
        lines.append(f"<row r='{y}'>{inside}</row>" if filled else "")
    body = "".join(lines)
    space = "http://schemas.openxmlformats.org"
    parts = {
        "[Content_Types].xml": f"<Types xmlns='{space}/package/2006/content-types'><Default Extension='rels' "
        "ContentType='application/vnd.openxmlformats-package.relationships+xml'/><Default Extension='xml' "
        "ContentType='application/xml'/><Override PartName='/xl/workbook.xml' ContentType='application/"
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{space}/package/2006/relationships'><Relationship Id='r' Type='{space}/"
        "officeDocument/2006/relationships/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{space}/spreadsheetml/2006/main' xmlns:r='{space}/officeDocument/2006/"
        f"relationships'><sheets><sheet name='{sheet}' sheetId='1' r:id='r1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{space}/package/2006/relationships'>"
        f"<Relationship Id='r1' "
        f"Type='{space}/officeDocument/2006/relationships/worksheet' Target='worksheets/s.xml'/></Relationships>",
        "xl/worksheets/s.xml": f"<worksheet xmlns='{space}/spreadsheetml/2006/main'><sheetData>{body}</sheetData>"
        "</worksheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_and_line_ends_give_the_same_rows(write, encoding, end):
    path = write("a.csv", TABLE.replace("\n", end).encode(encoding))
    table = open_table(path)
    assert table.headings == ("id", "name")
    assert rows(table) == [(2, ["1", "Zoë"]), (3, ["2", "Łódź"])]
    assert table.warnings == ()


def test_what_is_no_utf8_is_read_as_windows_text_and_says_so(write):
    table = open_table(write("a.csv", "id;name\n1;Zoë – 5 €\n".encode("cp1252")))
    assert rows(table) == [(2, ["1", "Zoë – 5 €"])]
    assert table.encoding == "cp1252"
    assert table.warnings == ("encoding_guessed",)


def test_a_late_byte_still_decides_the_encoding(write):
    path = write("a.csv", b"id,name\n" + b"1,plain\n" * 200_000 + b"2,Zo\xeb\n")
    assert open_table(path).encoding == "cp1252"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiters_are_recognised_even_with_others_inside_cells(write, sign):
    text = f'id{sign}name\n1{sign}"a, b; c | d"\n2{sign}x\n'
    table = open_table(write("a.txt", text))
    assert table.delimiter == sign
    assert rows(table) == [(2, ["1", "a, b; c | d"]), (3, ["2", "x"])]


def test_lines_are_physical_ones_with_line_ends_in_cells_and_blank_lines(write):
    path = write("a.csv", 'id,note\r\n1,"two\r\nlines"\r\n\r\n2,"three\n\n lines"\r\n3,x\r\n')
    table = open_table(path)
    assert [line for line, _ in rows(table)] == [2, 5, 8]
    batch = next(table.batches())
    assert batch.raw(0) == '1,"two\r\nlines"'
    assert batch.raw(1) == '2,"three\n\n lines"'
    assert batch.raw(2) == "3,x"


def test_lines_stay_true_across_batches(write, monkeypatch):
    monkeypatch.setattr("data_access.importers.reading.BATCH_ROWS", 3)
    text = "id,note\n" + "".join(f'{i},"a\nb"\n' if i % 2 else f"{i},c\n" for i in range(20))
    table = open_table(write("a.csv", text))
    lines = text.split("\n")
    for batch in table.batches():
        for place, line in enumerate(batch.lines):
            assert batch.raw(place).startswith(lines[line - 1])
            assert lines[line - 1].startswith(batch.cells[place][0])


def test_gzip_is_unpacked_and_can_be_read_twice(write):
    table = open_table(write("a.csv.gz", gzip.compress(TABLE.encode("utf-16"))))
    assert rows(table) == rows(table) == [(2, ["1", "Zoë"]), (3, ["2", "Łódź"])]


def test_a_workbook_is_read_as_text_with_its_own_lines(write):
    cells = [["id", "name", "note"], ["007", "Zoë", "x"], ["", "", ""], ["2", "Ann", ""]]
    table = open_table(write("a.xlsx", workbook(cells)))
    assert table.headings == ("id", "name", "note")
    assert rows(table) == [(2, ["007", "Zoë", "x"]), (4, ["2", "Ann", ""])]


def test_dates_of_a_workbook_are_days_where_none_has_a_time(write):
    cells = [["id", "day", "moment"], ["1", "2025-01-02 00:00:00", "2025-01-02 00:00:00"]]
    cells.append(["2", "2025-01-03 00:00:00", "2025-01-03 09:30:00"])
    table = open_table(write("a.xlsx", workbook(cells)))
    assert [row for _, row in rows(table)] == [
        ["1", "2025-01-02", "2025-01-02 00:00:00"],
        ["2", "2025-01-03", "2025-01-03 09:30:00"],
    ]


def test_a_line_that_names_the_delimiter_is_obeyed(write):
    table = open_table(write("a.csv", "sep=;\r\nid;name\r\n1;a,b,c\r\n"))
    assert (table.headings, rows(table)) == (("id", "name"), [(3, ["1", "a,b,c"])])


def test_a_header_further_down_is_found_where_the_mapping_says(write):
    table = open_table(write("a.csv", "Report of May\n\nid,name\n1,x\n"), Layout(header_line=3))
    assert table.headings == ("id", "name")
    assert rows(table) == [(4, ["1", "x"])]


REFUSED = {
    "empty": (b"", "is empty"),
    "binary": (bytes(range(1, 32)) * 200, "is binary"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "is a PDF document"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "is a picture"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "save it as .xlsx or .csv"),
    "NUL bytes": (b"id,name\n1,a\0b\n", "NUL"),
    "late NUL byte": (b"id,name\n" + b"1,a\n" * 400_000 + b"2,\0\n", "NUL"),
    "twice the same heading": (b"id,name,id\n1,a,2\n", "has the heading 'id' twice"),
    "a heading missing": (b"id,,name\n1,2,3\n", "has no heading in column 2"),
    "5,000 columns": (",".join(f"c{i}" for i in range(5000)).encode() + b"\n", "5,000 columns"),
    "a cell of 10 MB": (b"id,name\n1," + b"x" * 10_000_000 + b"\n", "a cell of more than 1 MB at line 2"),
    "an open quotation mark": (b'id,name\n1,"a\n2,b\n3,c\n', "never closes"),
    "blank lines only": (b"\n\n\n", "has no headings"),
    "damaged gzip": (gzip.compress(b"id,name\n1,a\n" * 99)[:-20], "damaged gzip"),
    "zip archive": (b"PK\x03\x04garbage", "damaged workbook"),
}


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_trusted_is_refused_whole_with_one_sentence(write, content, sentence):
    with pytest.raises(UserError) as caught:
        list(open_table(write("file.csv", content)).batches())
    text = str(caught.value)
    assert sentence in text
    assert "file.csv" in text
    assert "\n" not in text and text.endswith(".")


def test_a_zip_that_is_no_workbook_is_refused(write):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", "id\n1\n")
    with pytest.raises(UserError, match="unpack it first"):
        open_table(write("a.zip", file.getvalue()))


def test_bombs_are_refused_before_they_fill_the_memory(write, monkeypatch):
    monkeypatch.setattr(sniffing, "RATIO_COUNTS_FROM", 2**20)
    line = b"a" * 100 + b"\n"
    with pytest.raises(UserError, match="zip bomb"):
        open_table(write("a.csv.gz", gzip.compress(line * 200_000)))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    with pytest.raises(UserError, match="zip bomb"):
        open_table(write("a.xlsx", file.getvalue()))


cell = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x85\u2028\u2029"), max_size=8)


@given(st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read_again(tmp_path_factory, table, end):
    import csv

    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *table])
    path = tmp_path_factory.mktemp("read") / "a.csv"
    path.write_bytes(text.getvalue().encode())
    assert [row for _, row in rows(open_table(path))] == table
