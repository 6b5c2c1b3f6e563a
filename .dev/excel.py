# python3 .dev/excel.py: writes the workbooks of tests/testthat/excel: small-study.xlsx, the
# small study of the tests with dates as Excel keeps them (day numbers with a date format),
# broken-study.xlsx with typical faults of workbooks (a cell after `=` is an error value of
# Excel, a cell after `'` is text even if it looks like a number), untidy-study.xlsx, the
# small study with a title, merged cells and a sheet that has only its names, and
# one-sheet.xlsx, whose only sheet has the patients.
import csv, datetime, io, zipfile

small = {
    "patients": """patient_id,cohort,strategy,sbrt_start,progression_date,death_date,last_contact,best_response,best_change_pct
A,OP,OP-N,2021-01-01,2021-01-01,2021-07-20,2021-07-20,PR,-40.5
B,OP,OP-C,2021-01-01,2021-04-11,,2022-01-01,SD,10
C,OM,,2021-01-01,,,2021-04-11,CR,-100
D,OP,OP-C,2021-01-01,,2021-01-31,,NE,""",
    "lesions": """patient_id,lesion_id,site,dose_gy,fractions,diameter_mm,best_response,local_failure_date
A,1,lung,50,5,20.5,PR,2021-03-02
A,2,lung,50,5,20.5,SD,2021-02-20
B,1,lung,50,5,20.5,SD,
C,1,lung,50,5,20.5,CR,
D,1,lung,50,5,20.5,NE,""",
    "adverse_events": """patient_id,term,grade,onset_date
A,fatigue,1,2021-01-01
A,fatigue,3,2021-04-01
B,rib fracture,2,2021-04-02""",
}
broken = {
    "Patients": """patient_id,cohort,strategy,sbrt_start,progression_date,death_date,last_contact,best_change_pct
'001,OP,OP-N,44197,2021-03-01,2021-07-20,2021-07-20,"'-40,5"
'002,OP,OP-C,2021-01-01,'11.04.2021,,2022-01-01,=#DIV/0!
'003,OM,,=#N/A,,,2021-04-11,-100
'004,om,,2021-01-01,,2021-02-31,2021-01-31,""",
    "lesions": """patient_id,lesion_id,site,dose_gy,fractions,local_failure_date,
'001,1,lung,50,5,,
'001,2,lung,'50 Gy,5,,
2,1,=#REF!,50,5,,
'003,1,liver,50,2.5,,why
'004,1,lung,50,5,,""",
    "Adverse Events": """patient_id,term,grade,onset_date
'001,fatigue,1,2021-01-01
'001,fatigue,7,2021-04-01
'002,rib fracture,2,""",
}
untidy = {
    "Patients": "Outcome of our patients,,,,,,,,\n" + small["patients"],
    "Lesions": small["lesions"].replace("A,2,", ",2,"),
    "Adverse Events": "patient_id,term,grade,onset_date",
}
merged = {"Patients": ["A1:I1"], "Lesions": ["A2:A3"]}


def cell(text, at):
    if text == "":
        return ""
    if text.startswith("="):
        return f'<c r="{at}" t="e"><v>{text[1:]}</v></c>'
    if text.startswith("'"):
        return f'<c r="{at}" t="inlineStr"><is><t>{text[1:]}</t></is></c>'
    try:
        day = (datetime.date.fromisoformat(text) - datetime.date(1899, 12, 30)).days
        return f'<c r="{at}" s="1"><v>{day}</v></c>'
    except ValueError:
        pass
    try:
        return f'<c r="{at}"><v>{float(text):g}</v></c>'
    except ValueError:
        return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(text, merged=()):
    rows = []
    for i, row in enumerate(csv.reader(io.StringIO(text)), 1):
        cells = "".join(cell(x, f"{chr(64 + j)}{i}") for j, x in enumerate(row, 1))
        rows.append(f'<row r="{i}">{cells}</row>')
    cells = "".join(f'<mergeCell ref="{at}"/>' for at in merged)
    if cells:
        cells = f'<mergeCells count="{len(merged)}">{cells}</mergeCells>'
    rows = f'<sheetData>{"".join(rows)}</sheetData>'
    return f'<worksheet xmlns="{MAIN}">{rows}{cells}</worksheet>'


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PKG = "http://schemas.openxmlformats.org/package/2006"
kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write(file, sheets, merged={}):
    numbers = list(enumerate(sheets, 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PKG}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{kind}.worksheet+xml"/>'
            for i, _ in numbers
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PKG}/relationships">'
        f'<Relationship Id="r1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>'
        + "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PKG}/relationships">'
        + "".join(
            f'<Relationship Id="r{i}" Type="{REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i, _ in numbers
        )
        + f'<Relationship Id="r9" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for i, name in numbers:
        parts[f"xl/worksheets/sheet{i}.xml"] = sheet(sheets[name], merged.get(name, ()))
    with zipfile.ZipFile(f"tests/testthat/excel/{file}.xlsx", "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, (2021, 1, 1, 0, 0, 0))
            z.writestr(info, '<?xml version="1.0" encoding="UTF-8"?>\n' + text)


write("small-study", small)
write("broken-study", broken)
write("untidy-study", untidy, merged)
write("one-sheet", {"Tabelle1": small["patients"]})
