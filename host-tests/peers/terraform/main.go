// Checks a folder of Terraform files without Terraform, a provider or a network: format, references, and
// the arguments of resources against the schema of the provider azurerm.
//
//	terraform-check SCHEMA FOLDER
//
// SCHEMA is the file `.jsii` of the npm package @cdktf/provider-azurerm, which is generated from the
// provider's own schema. Every problem is a line; the exit status is 1 when there is one.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: terraform-check SCHEMA FOLDER")
		os.Exit(2)
	}
	problems, err := check(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
	for _, problem := range problems {
		fmt.Println(problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
}

func check(schemaPath, folder string) ([]string, error) {
	schema, err := readSchema(schemaPath)
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s has no .tf files", folder)
	}
	var problems problems
	var bodies []*hclsyntax.Body
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(path)
		if !bytes.Equal(hclwrite.Format(text), text) {
			problems.add("%s: not formatted", name)
		}
		file, diagnostics := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
		if diagnostics.HasErrors() {
			problems.add("%s", diagnostics.Error())
			continue
		}
		bodies = append(bodies, file.Body.(*hclsyntax.Body))
	}
	checkModule(bodies, schema, &problems)
	return problems, nil
}

type problems []string

func (p *problems) add(format string, arguments ...any) {
	*p = append(*p, fmt.Sprintf(format, arguments...))
}

func (p *problems) at(where hcl.Range, format string, arguments ...any) {
	p.add("%s:%d: %s", where.Filename, where.Start.Line, fmt.Sprintf(format, arguments...))
}
