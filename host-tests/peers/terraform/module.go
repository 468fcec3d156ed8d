package main

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// What every resource has beside what its provider gives it.
var (
	metaArguments = set("count", "for_each", "provider", "depends_on")
	metaBlocks    = set("lifecycle", "provisioner", "connection")
)

// The blocks that Terraform itself knows. Whoever reads a variable or an output wants its description.
var known = map[string]struct{ labels, required, optional []string }{
	"variable":  {[]string{"name"}, []string{"type", "description"}, []string{"default", "sensitive", "nullable"}},
	"output":    {[]string{"name"}, []string{"value", "description"}, []string{"sensitive"}},
	"locals":    {},
	"provider":  {[]string{"name"}, nil, nil},
	"resource":  {[]string{"type", "name"}, nil, nil},
	"data":      {[]string{"type", "name"}, nil, nil},
	"terraform": {},
}

type module struct {
	schema   *schema
	problems *problems
	// What can be referred to: `var.name`, `local.name`, `azurerm_type.name`, `data.azurerm_type.name`.
	declared map[string]bool
	used     map[string]bool
}

func checkModule(bodies []*hclsyntax.Body, schema *schema, problems *problems) {
	m := &module{schema, problems, map[string]bool{}, map[string]bool{}}
	for _, body := range bodies {
		for name := range body.Attributes {
			problems.at(body.Attributes[name].NameRange, "`%s` stands outside of a block", name)
		}
		for _, block := range body.Blocks {
			m.declare(block)
		}
	}
	for _, body := range bodies {
		for _, block := range body.Blocks {
			m.checkBlock(block)
			m.checkReferences(block)
		}
	}
	for name := range m.declared {
		if strings.HasPrefix(name, "var.") && !m.used[name] {
			problems.add("`%s` is used nowhere", name)
		}
	}
}

func (m *module) declare(block *hclsyntax.Block) {
	switch {
	case block.Type == "locals":
		for name := range block.Body.Attributes {
			m.declareName("local."+name, block)
		}
	case block.Type == "variable" && len(block.Labels) == 1:
		m.declareName("var."+block.Labels[0], block)
	case block.Type == "resource" && len(block.Labels) == 2:
		m.declareName(strings.Join(block.Labels, "."), block)
	case block.Type == "data" && len(block.Labels) == 2:
		m.declareName("data."+strings.Join(block.Labels, "."), block)
	}
}

func (m *module) declareName(name string, block *hclsyntax.Block) {
	if m.declared[name] {
		m.problems.at(block.TypeRange, "`%s` stands twice", name)
	}
	m.declared[name] = true
}

func (m *module) checkBlock(block *hclsyntax.Block) {
	form, found := known[block.Type]
	if !found {
		m.problems.at(block.TypeRange, "a block `%s` is not known", block.Type)
		return
	}
	if len(block.Labels) != len(form.labels) {
		m.problems.at(block.TypeRange, "`%s` wants %d labels", block.Type, len(form.labels))
		return
	}
	switch block.Type {
	case "variable", "output":
		allowed := set(append(append([]string{}, form.required...), form.optional...)...)
		for name, attribute := range block.Body.Attributes {
			if !allowed[name] {
				m.problems.at(attribute.NameRange, "`%s` has no argument `%s`", block.Type, name)
			}
		}
		for _, name := range form.required {
			if block.Body.Attributes[name] == nil {
				m.problems.at(block.TypeRange, "`%s` lacks `%s`", block.Labels[0], name)
			}
		}
	case "resource", "data":
		arguments := m.schema.resource(block.Type, block.Labels[0])
		if arguments == nil {
			m.problems.at(block.TypeRange, "the provider has no `%s`", block.Labels[0])
			return
		}
		m.checkArguments(block.Labels[0], block, arguments, true)
	}
}

// checkArguments holds a block against its type: nothing that is not known, and all that is required.
func (m *module) checkArguments(path string, block *hclsyntax.Block, arguments *jsiiType, top bool) {
	given := map[string]bool{}
	for name, attribute := range block.Body.Attributes {
		if top && metaArguments[name] {
			continue
		}
		property := arguments.names[camel(name)]
		if property == nil || name != snake(property.Name) || m.schema.block(property) != nil {
			m.problems.at(attribute.NameRange, "%s: no argument `%s`", path, name)
			continue
		}
		given[property.Name] = true
	}
	for _, inner := range block.Body.Blocks {
		if top && metaBlocks[inner.Type] {
			continue
		}
		property := arguments.names[camel(inner.Type)]
		var form *jsiiType
		if property != nil && inner.Type == snake(property.Name) {
			form = m.schema.block(property)
		}
		if form == nil {
			m.problems.at(inner.TypeRange, "%s: no block `%s`", path, inner.Type)
			continue
		}
		given[property.Name] = true
		m.checkArguments(path+"."+inner.Type, inner, form, false)
	}
	for _, property := range arguments.Properties {
		if !property.Optional && !given[property.Name] {
			m.problems.at(block.TypeRange, "%s: `%s` is missing", path, snake(property.Name))
		}
	}
}

// checkReferences follows every reference below a block.
func (m *module) checkReferences(block *hclsyntax.Block) {
	own := block.Type == "variable"
	hclsyntax.VisitAll(block.Body, func(node hclsyntax.Node) hcl.Diagnostics {
		expression, is := node.(*hclsyntax.ScopeTraversalExpr)
		if is && !isType(own, expression) {
			m.checkTraversal(expression.Traversal)
		}
		return nil
	})
}

func (m *module) checkTraversal(traversal hcl.Traversal) {
	where := traversal.SourceRange()
	words := []string{traversal.RootName()}
	for _, step := range traversal[1:] {
		if attribute, is := step.(hcl.TraverseAttr); is {
			words = append(words, attribute.Name)
		} else if _, is := step.(hcl.TraverseIndex); !is {
			break
		}
	}
	kind := words[0]
	if kind == "each" || kind == "count" || kind == "path" || kind == "self" {
		return
	}
	length := 2
	if kind == "data" {
		length = 3
	}
	if len(words) < length {
		m.problems.at(where, "`%s` refers to nothing", strings.Join(words, "."))
		return
	}
	name := strings.Join(words[:length], ".")
	if !m.declared[name] {
		m.problems.at(where, "`%s` is declared nowhere", name)
		return
	}
	m.used[name] = true
	if kind == "var" || kind == "local" || len(words) == length {
		return
	}
	resourceKind, resourceType := "resource", words[0]
	if kind == "data" {
		resourceKind, resourceType = "data", words[1]
	}
	class := m.schema.attributes(resourceKind, resourceType)
	if class != nil && class.names[camel(words[length])] == nil {
		m.problems.at(where, "`%s` has no attribute `%s`", resourceType, words[length])
	}
}

// isType tells the types of variables from references: `string`, `list(string)`.
func isType(own bool, expression *hclsyntax.ScopeTraversalExpr) bool {
	return own && len(expression.Traversal) == 1
}

// snake is how Terraform spells a name of the package. Digits belong to the word before them.
func snake(name string) string {
	var text strings.Builder
	for _, letter := range name {
		if letter >= 'A' && letter <= 'Z' {
			text.WriteByte('_')
			letter += 'a' - 'A'
		}
		text.WriteRune(letter)
	}
	return text.String()
}

func set(names ...string) map[string]bool {
	found := map[string]bool{}
	for _, name := range names {
		found[name] = true
	}
	return found
}
