// The program answers verification jobs with sigstore-go: one JSON object a line in, one a line out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// A job names a bundle and what it must prove.
type job struct {
	Operation   string `json:"operation"`
	Bundle      []byte `json:"bundle"`
	TrustedRoot string `json:"trustedRoot"`
	Artifact    string `json:"artifactDigest"`
	Subject     string `json:"certificateIdentity"`
	Issuer      string `json:"certificateOidcIssuer"`
	PublicKey   string `json:"publicKey"`
	Iterations  int    `json:"iterations"`
}

// An answer says whether the bundle proves it, or what a proof costs.
type answer struct {
	Outcome         string  `json:"outcome"`
	Error           string  `json:"error,omitempty"`
	CPUMicroseconds float64 `json:"cpuMicroseconds,omitempty"`
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 {
			return
		}
		if err != nil {
			fail("a line is cut off", err)
		}
		var j job
		if err := json.Unmarshal(line, &j); err != nil {
			fail("a job is malformed", err)
		}
		if err := answers.Encode(perform(&j)); err != nil {
			fail("an answer cannot be written", err)
		}
	}
}

func perform(j *job) answer {
	switch j.Operation {
	case "verify":
		if err := verify(j); err != nil {
			return answer{Outcome: "rejected", Error: err.Error()}
		}
		return answer{Outcome: "accepted"}
	case "bench":
		cost, err := bench(j)
		if err != nil {
			return answer{Outcome: "rejected", Error: err.Error()}
		}
		return answer{Outcome: "accepted", CPUMicroseconds: cost}
	default:
		fail("an operation is unknown", fmt.Errorf("%q", j.Operation))
		panic("unreachable")
	}
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(2)
}
