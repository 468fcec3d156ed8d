"""Says what a reader of JUnit XML finds in the document on standard input: a line of JSON a case.

What its suites say about the number of their cases is held against the cases. The status is 1 when the
document is none, or miscounts.
"""

import io
import json
import sys

from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped

OUTCOMES = {Error: "error", Failure: "failure", Skipped: "skipped"}


def counts(of):
    return {name: getattr(of, name) for name in ("tests", "failures", "errors", "skipped")}


def main():
    try:
        report = JUnitXml.fromfile(io.BytesIO(sys.stdin.buffer.read()))
    except (JUnitXmlError, SyntaxError) as error:
        sys.exit(str(error))
    if not isinstance(report, JUnitXml):
        sys.exit("no `testsuites`")
    for suite in report:
        for case in suite:
            results = [(OUTCOMES[type(it)], it.type, it.message, it.text) for it in case.result]
            print(json.dumps([suite.name, case.classname, case.name, results]))
    said = [counts(report), *(counts(suite) for suite in report)]
    report.update_statistics()
    found = [counts(report), *(counts(suite) for suite in report)]
    if said != found:
        sys.exit(f"it says {said} and has {found}")


main()
