package main

import (
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	validation "k8s.io/kube-openapi/pkg/validation/validate"
	"sigs.k8s.io/yaml"
)

// The members of a CustomResourceDefinition that matter here.
type definition struct {
	Spec struct {
		Group    string `json:"group"`
		Versions []struct {
			Name   string `json:"name"`
			Schema struct {
				OpenAPIV3Schema spec.Schema `json:"openAPIV3Schema"`
			} `json:"schema"`
		} `json:"versions"`
	} `json:"spec"`
}

// Validates a document as an API server does that serves the definition.
func validate(document []byte, crd string) ([]error, error) {
	content, err := os.ReadFile(crd)
	if err != nil {
		return nil, err
	}
	var definition definition
	if err := yaml.Unmarshal(content, &definition); err != nil {
		return nil, err
	}
	var object map[string]any
	if err := json.Unmarshal(document, &object); err != nil {
		return nil, err
	}
	for _, version := range definition.Spec.Versions {
		if object["apiVersion"] != definition.Spec.Group+"/"+version.Name {
			continue
		}
		schema := version.Schema.OpenAPIV3Schema
		validator := validation.NewSchemaValidator(&schema, nil, "", strfmt.Default)
		return validator.Validate(object).Errors, nil
	}
	return []error{fmt.Errorf("the definition has no version %v", object["apiVersion"])}, nil
}
