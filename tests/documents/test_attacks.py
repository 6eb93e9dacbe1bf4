"""What can be done to a sealed file, and the verdict that each attack must get.

The rows are those of the known classes: signature data removed or damaged (USF), content added by an incremental
update (ISA), the signed part moved or wrapped (SWA), evil annotations (EAA), and content prepared to show and hide.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from labrecords.documents.sealing import seal as sealing
from labrecords.documents.verifying.verdict import CHANGED, NOT_SIGNED, VALID
from labrecords.domain.evidence.canonical import sha256_hex
from tests.support.sealed import added, failed, judged, rewritten, seal_anew, sealed, unsealed

Name = generic.pdf_name
Dictionary: Any = generic.DictionaryObject
Writer = Any
"""An IncrementalPdfFileWriter: most of it has no types."""


def _span() -> tuple[int, int, int, int]:
    """The four numbers of the byte range."""
    found = re.findall(rb"/ByteRange \[([\d ]+)\]", sealed())
    start, length, second, rest = map(int, found[-1].split())
    return start, length, second, rest


def test_the_document_itself_is_valid() -> None:
    verdict = judged(sealed())
    assert (verdict.kind, failed(verdict)) == (VALID, [])
    assert verdict.sha256 == sha256_hex(sealed())


# ---- bytes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.02, 0.2, 0.4, 0.6, 0.8])
def test_one_byte_changed(part: float) -> None:
    data = bytearray(sealed())
    place = int(_span()[1] * part)
    data[place] ^= 0x01
    assert judged(bytes(data)).kind == CHANGED


@pytest.mark.parametrize("junk", [b"\n", b"%", b"\x00" * 1000, b"\n%%EOF\n", b"<script>", b"%PDF-1.7\n%%EOF"])
def test_bytes_after_the_end(junk: bytes) -> None:
    verdict = judged(sealed() + junk)
    assert verdict.kind == CHANGED
    assert "NOT VALID" in verdict.sentence


@pytest.mark.parametrize("junk", [b"\n", b"junk\n", b"%PDF-1.4\n"])
def test_bytes_before_the_beginning(junk: bytes) -> None:
    assert judged(junk + sealed()).kind == CHANGED


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_cut_off(part: float) -> None:
    verdict = judged(sealed()[: int(len(sealed()) * part)])
    assert verdict.kind in (CHANGED, NOT_SIGNED)
    assert verdict.sentence.startswith("NOT VALID")


def test_cut_off_inside_the_seal() -> None:
    verdict = judged(sealed()[:-200])
    assert verdict.kind == CHANGED
    assert "NOT VALID" in verdict.sentence


def test_cut_off_before_the_seal() -> None:
    """What was drawn is a whole file, but nobody sealed it."""
    assert judged(unsealed()).kind == NOT_SIGNED


# ---- the signature's own data (USF) -------------------------------------------------------------------------------


def test_byte_range_removed() -> None:
    data = re.sub(rb"/ByteRange \[[\d ]+\]", lambda found: b" " * len(found[0]), sealed())
    verdict = judged(data)
    assert verdict.kind == CHANGED
    assert verdict.sentence.startswith("NOT VALID")


def test_byte_range_of_zeros() -> None:
    def zeros(found: re.Match[bytes]) -> bytes:
        return re.sub(rb"\d", b"0", found[0])

    verdict = judged(re.sub(rb"/ByteRange \[[\d ]+\]", zeros, sealed()))
    assert verdict.kind == CHANGED
    assert verdict.sentence.startswith("NOT VALID")


def test_signature_of_zeros() -> None:
    start, length, second, _ = _span()
    place = second - start - length - 2
    data = sealed()[:length] + b"<" + b"0" * place + b">" + sealed()[second:]
    verdict = judged(data)
    assert verdict.kind == CHANGED
    assert verdict.sentence.startswith("NOT VALID")


def test_signature_damaged() -> None:
    data = bytearray(sealed())
    place = _span()[1] + 3000
    data[place : place + 40] = b"A" * 40
    assert judged(bytes(data)).kind == CHANGED


def test_every_byte_of_the_signature_counts() -> None:
    """Versions and names of algorithms in it are covered by nothing, and yet must be as they were."""
    begin = _span()[1] + 1
    for place in (*range(60), *range(1540, 1560), *range(1655, 1665)):
        data = bytearray(sealed())
        at = begin + 2 * place
        data[at : at + 2] = b"%02X" % (int(data[at : at + 2], 16) ^ 1)
        assert judged(bytes(data)).kind == CHANGED, place


@pytest.mark.parametrize("hidden", [b"00FF", b"4E4F", b"    ", b"00ff"])
def test_something_hidden_behind_the_signature(hidden: bytes) -> None:
    """The place of the signature is the only part that it cannot cover."""
    data = bytearray(sealed())
    end = _span()[2] - 1
    data[end - len(hidden) : end] = hidden
    assert judged(bytes(data)).kind == CHANGED


def test_seal_removed_by_an_update() -> None:
    def strip(writer: Writer) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        del field["/V"]
        writer.update_container(field)

    assert judged(added(sealed(), strip)).kind == NOT_SIGNED


def test_seal_removed_by_rewriting() -> None:
    with rewritten(sealed()) as (pdf, out):
        del pdf.Root.AcroForm
        del pdf.Root.Perms
        for page in pdf.pages:
            if "/Annots" in page:
                del page.Annots
    assert judged(out.getvalue()).kind == NOT_SIGNED


def test_saved_again() -> None:
    with rewritten(sealed()) as (_, out):
        pass
    assert judged(out.getvalue()).kind == CHANGED


# ---- incremental updates (ISA, SWA, EAA, shadow attacks) ----------------------------------------------------------


def _first_page(writer: Writer) -> Any:
    return writer.find_page_for_modification(0)[0].get_object()


def _overwrite_page(writer: Writer) -> None:
    page = _first_page(writer)
    page[Name("/Contents")] = writer.add_object(
        generic.StreamObject(stream_data=b"BT /F1 30 Tf (RELEASED) Tj ET")
    )
    writer.update_container(page)


def _swap_pages(writer: Writer) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].reverse()
    writer.update_container(pages)


def _replace_page_tree(writer: Writer) -> None:
    pages = Dictionary(writer.root["/Pages"])
    writer.root[Name("/Pages")] = writer.add_object(pages)
    writer.update_root()


def _annotate(writer: Writer) -> None:
    page = _first_page(writer)
    note = Dictionary(
        {
            Name("/Type"): Name("/Annot"),
            Name("/Subtype"): Name("/FreeText"),
            Name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (50, 50, 550, 800))),
            Name("/Contents"): generic.TextStringObject("Viability 99 %"),
        }
    )
    page[Name("/Annots")] = generic.ArrayObject([*page.get("/Annots", []), writer.add_object(note)])
    writer.update_container(page)


def _change_fonts(writer: Writer) -> None:
    resources = _first_page(writer)["/Resources"]
    resources[Name("/Font")] = Dictionary()
    writer.update_container(resources)


def _replace_record(writer: Writer) -> None:
    for number in range(1, 2000):
        try:
            found = writer.get_object(generic.Reference(number, 0, writer))
        except Exception:
            continue
        if isinstance(found, generic.DictionaryObject) and "/EF" in found:
            stream = writer.add_object(generic.StreamObject(stream_data=b"{}"))
            found["/EF"][Name("/F")] = found["/EF"][Name("/UF")] = stream
            writer.update_container(found)
            return
    raise AssertionError("the embedded record was not found")


def _restamp(writer: Writer) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[Name("/Rect")] = generic.ArrayObject(map(generic.NumberObject, (10, 10, 500, 300)))
    writer.update_container(field)


def _add_script(writer: Writer) -> None:
    action = {Name("/S"): Name("/JavaScript"), Name("/JS"): generic.TextStringObject("app.alert(1)")}
    writer.root[Name("/OpenAction")] = Dictionary(action)
    writer.update_root()


def _add_field(writer: Writer) -> None:
    field = {Name("/FT"): Name("/Tx"), Name("/T"): generic.TextStringObject("Extra")}
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(Dictionary(field)))
    writer.update_container(form)


def _add_nothing_visible(writer: Writer) -> None:
    writer.add_object(generic.TextStringObject("nothing refers to this"))


@pytest.mark.parametrize(
    "change",
    [
        _overwrite_page,
        _swap_pages,
        _replace_page_tree,
        _annotate,
        _change_fonts,
        _replace_record,
        _restamp,
        _add_script,
        _add_field,
        _add_nothing_visible,
    ],
)
def test_something_added(change: Callable[[Writer], None]) -> None:
    verdict = judged(added(sealed(), change))
    assert verdict.kind == CHANGED
    assert "added to the file after it was sealed" in verdict.sentence


# ---- prepared before sealing: only our own key could do this, and still it is refused -----------------------------


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def _named_script(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    names = pikepdf.Array([pikepdf.String("x"), pdf.make_indirect(action)])
    pdf.Root.Names.JavaScript = pikepdf.Dictionary(Names=names)


def _open_at_a_page(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])


def _layers(pdf: pikepdf.Pdf) -> None:
    group = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("Layer")))
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=pikepdf.Array([group]), D=pikepdf.Dictionary())


def _page_action(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.AA = pikepdf.Dictionary(
        O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc"))
    )


def _link(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.org"))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 9, 9]), A=action
    )
    pdf.pages[0].obj.Annots = pikepdf.Array([link])


def _note(pdf: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(Subtype=pikepdf.Name.Text, Rect=pikepdf.Array([0, 0, 9, 9]))
    pdf.pages[0].obj.Annots = pikepdf.Array([note])


def _other_field(pdf: pikepdf.Pdf) -> None:
    field = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx, T=pikepdf.String("Extra")))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))


def _xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]), XFA=pikepdf.Array([]))


def _other_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["notes.txt"] = b"hello"


def _second_record(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["RECORD.JSON"] = b"{}"


def _no_record(pdf: pikepdf.Pdf) -> None:
    del pdf.attachments["record.json"]


def _outside(pdf: pikepdf.Pdf) -> None:
    stream = pikepdf.Stream(
        pdf, b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, F=pikepdf.String("x.png")
    )
    pdf.pages[0].obj.Resources.XObject = pikepdf.Dictionary(Im=pdf.make_indirect(stream))


PREPARED = [
    (_script, "Contents"),
    (_named_script, "Contents"),
    (_open_at_a_page, "Contents"),
    (_layers, "Contents"),
    (_page_action, "Contents"),
    (_link, "Contents"),
    (_note, "Contents"),
    (_other_field, "Contents"),
    (_xfa, "Contents"),
    (_outside, "Contents"),
    (_other_attachment, "Record"),
    (_second_record, "Record"),
    (_no_record, "Record"),
]


@pytest.mark.parametrize(("change", "check"), PREPARED)
def test_prepared_before_sealing(change: Callable[[pikepdf.Pdf], None], check: str) -> None:
    with rewritten(unsealed()) as (pdf, out):
        change(pdf)
    verdict = judged(seal_anew(out.getvalue()))
    assert (verdict.kind, failed(verdict)) == (CHANGED, [check]), verdict.sentence


def test_pages_of_another_record() -> None:
    with rewritten(unsealed()) as (pdf, out):
        pdf.pages[0].contents_add(b"BT (also) Tj ET")
    verdict = judged(seal_anew(out.getvalue()))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Pages"])


def test_page_removed_before_sealing() -> None:
    with rewritten(unsealed()) as (pdf, out):
        del pdf.pages[-1]
    verdict = judged(seal_anew(out.getvalue()))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Pages"])


def test_an_update_before_sealing() -> None:
    verdict = judged(seal_anew(added(unsealed(), _overwrite_page)))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Pages"])


def test_another_file_appended_before_sealing() -> None:
    """What was drawn stands at the beginning, but readers begin at the end, and there is another file."""
    out, shift = BytesIO(), len(unsealed())
    with pikepdf.open(BytesIO(unsealed())) as pdf:
        pdf.pages[0].contents_add(b"BT (also) Tj ET")
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    other = re.sub(
        rb"\b(\d{10}) 00000 n", lambda found: b"%010d 00000 n" % (int(found[1]) + shift), out.getvalue()
    )
    other = re.sub(rb"startxref\n(\d+)", lambda found: b"startxref\n%d" % (int(found[1]) + shift), other)
    verdict = judged(seal_anew(unsealed() + other))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Pages"])


@pytest.mark.parametrize("change", [_overwrite_page, _swap_pages, _replace_page_tree, _change_fonts])
def test_pages_replaced_together_with_sealing(
    change: Callable[[Writer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Changing(IncrementalPdfFileWriter):
        def __init__(self, stream: BytesIO) -> None:
            super().__init__(stream)
            change(self)

        def _update_meta(self) -> None:
            pass

    monkeypatch.setattr(sealing, "_Revision", Changing)
    verdict = judged(seal_anew(unsealed()))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Pages"]), verdict.sentence


def test_packed_differently_is_still_the_same() -> None:
    """Another build of the compression library gives other bytes for the same pages."""
    with rewritten(unsealed()) as (_, out):
        pass
    assert out.getvalue() != unsealed()
    verdict = judged(seal_anew(out.getvalue()))
    assert (verdict.kind, failed(verdict)) == (VALID, [])
