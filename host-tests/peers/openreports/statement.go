package main

import (
	"errors"
	"fmt"
	"time"

	svr "github.com/in-toto/attestation/go/predicates/svr/v01"
	vsa "github.com/in-toto/attestation/go/predicates/vsa/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Reads a statement and its predicate into the types of in-toto. Fields that they do not have are passed
// over, as the parsing rules of in-toto demand.
func checkStatement(document []byte, kind string) []error {
	lenient := protojson.UnmarshalOptions{DiscardUnknown: true}
	var statement intoto.Statement
	// The statement itself has no extensions.
	if err := protojson.Unmarshal(document, &statement); err != nil {
		return []error{err}
	}
	if err := statement.Validate(); err != nil {
		return []error{err}
	}
	var predicate proto.Message
	var predicateType string
	var summary vsa.VerificationSummary
	var result svr.SimpleVerificationResult
	switch kind {
	case "vsa":
		predicate, predicateType = &summary, "https://slsa.dev/verification_summary/v1"
	default:
		predicate, predicateType = &result, "https://in-toto.io/attestation/svr/v0.1"
	}
	if statement.PredicateType != predicateType {
		return []error{fmt.Errorf("the predicate type is %q", statement.PredicateType)}
	}
	content, err := protojson.Marshal(statement.Predicate)
	if err != nil {
		return []error{err}
	}
	if err := lenient.Unmarshal(content, predicate); err != nil {
		return []error{err}
	}
	switch kind {
	case "vsa":
		return checkSummary(&summary)
	default:
		return checkResult(&result)
	}
}

// What https://slsa.dev/spec/v1.2/verification_summary calls required.
func checkSummary(summary *vsa.VerificationSummary) []error {
	var problems []error
	require := func(holds bool, problem string) {
		if !holds {
			problems = append(problems, errors.New(problem))
		}
	}
	require(summary.GetVerifier().GetId() != "", "no verifier.id")
	require(summary.GetResourceUri() != "", "no resourceUri")
	require(summary.GetPolicy().GetUri() != "", "no policy.uri")
	require(len(summary.GetVerifiedLevels()) > 0, "no verifiedLevels")
	failed := summary.GetVerificationResult() == "FAILED"
	require(failed || summary.GetVerificationResult() == "PASSED", "verificationResult is unknown")
	for _, level := range summary.GetVerifiedLevels() {
		require(failed == (level == "FAILED"), "result and levels contradict each other")
	}
	if summary.GetTimeVerified() != nil {
		require(summary.GetTimeVerified().CheckValid() == nil, "timeVerified is no time")
		require(summary.GetTimeVerified().AsTime().After(time.Unix(0, 0)), "timeVerified is too early")
	}
	for _, input := range summary.GetInputAttestations() {
		require(len(input.GetDigest()) > 0, "an input attestation has no digest")
	}
	return problems
}

// What the specification of the predicate calls required.
func checkResult(result *svr.SimpleVerificationResult) []error {
	if result.GetVerifier().GetId() == "" {
		return []error{errors.New("no verifier.id")}
	}
	if result.GetTimeCreated() == nil {
		return []error{errors.New("no timeCreated")}
	}
	return nil
}
