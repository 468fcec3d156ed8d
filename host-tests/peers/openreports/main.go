// Says whether documents are what their publishers say they are.
//
//	program report CRD   an OpenReports Report, by the Go types and by the schema of the CRD
//	program vsa          an in-toto Statement with a verification summary
//	program svr          an in-toto Statement with a Simple Verification Result
//
// The document comes on standard input. Each problem is a line on standard output; the status is 1 when
// there is one.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	reports "github.com/openreports/reports-api/apis/openreports.io/v1alpha1"
	sigsjson "sigs.k8s.io/json"
)

func main() {
	problems, err := check(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for _, problem := range problems {
		fmt.Println(problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
}

func check(arguments []string) ([]error, error) {
	document, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	switch {
	case len(arguments) == 2 && arguments[0] == "report":
		return checkReport(document, arguments[1])
	case len(arguments) == 1 && (arguments[0] == "vsa" || arguments[0] == "svr"):
		return checkStatement(document, arguments[0]), nil
	default:
		return nil, errors.New("usage: report CRD | vsa | svr")
	}
}

// The types refuse fields that they do not have; the schema asks for fields and values.
func checkReport(document []byte, crd string) ([]error, error) {
	var report reports.Report
	strict, err := sigsjson.UnmarshalStrict(document, &report)
	if err != nil {
		return []error{err}, nil
	}
	invalid, err := validate(document, crd)
	return append(strict, invalid...), err
}
