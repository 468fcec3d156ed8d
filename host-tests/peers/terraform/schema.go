package main

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
)

const assembly = "@cdktf/provider-azurerm."

// schema has the types by their full names.
type schema struct {
	Types map[string]*jsiiType
}

type jsiiType struct {
	Kind       string
	Properties []*property
	names      map[string]*property
}

type property struct {
	Name     string
	Optional bool
	Type     reference
}

// reference is a type: a primitive one, one by name, or a collection or union of such.
type reference struct {
	Fqn        string
	Collection *struct{ Elementtype reference }
	Union      *struct{ Types []reference }
}

func readSchema(path string) (*schema, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	schema := &schema{}
	if err := json.Unmarshal(text, schema); err != nil {
		return nil, err
	}
	if len(schema.Types) == 0 {
		return nil, errors.New("the schema has no types")
	}
	return schema, nil
}

// resource is the type of the arguments of a resource, or of a data source: nil where there is none.
func (s *schema) resource(kind, name string) *jsiiType {
	name = strings.TrimPrefix(name, "azurerm_")
	if kind == "data" {
		name = "data_azurerm_" + name
	}
	module := camel(name)
	return s.named(assembly + module + "." + strings.ToUpper(module[:1]) + module[1:] + "Config")
}

// attributes is the class of a resource: its properties are what can be referred to.
func (s *schema) attributes(kind, name string) *jsiiType {
	name = strings.TrimPrefix(name, "azurerm_")
	if kind == "data" {
		name = "data_azurerm_" + name
	}
	module := camel(name)
	return s.named(assembly + module + "." + strings.ToUpper(module[:1]) + module[1:])
}

func (s *schema) named(name string) *jsiiType {
	found := s.Types[name]
	if found != nil && found.names == nil {
		found.names = map[string]*property{}
		for _, property := range found.Properties {
			found.names[property.Name] = property
		}
	}
	return found
}

// block is the type of a block's arguments: nil where it is no block.
func (s *schema) block(property *property) *jsiiType {
	return s.find(property.Type)
}

func (s *schema) find(reference reference) *jsiiType {
	if strings.HasPrefix(reference.Fqn, assembly) {
		return s.named(reference.Fqn)
	}
	if reference.Collection != nil {
		return s.find(reference.Collection.Elementtype)
	}
	if reference.Union != nil {
		for _, each := range reference.Union.Types {
			if found := s.find(each); found != nil {
				return found
			}
		}
	}
	return nil
}

// camel is how the package spells a name of Terraform.
func camel(name string) string {
	words := strings.Split(name, "_")
	for place, word := range words[1:] {
		if word != "" {
			words[place+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}
