package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	sigstore "github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/sigstore/sigstore/pkg/signature"
)

// What is demanded of every bundle: this many log entries, observed times and, where there is a
// certificate, certificate timestamps.
const threshold = 1

// Trust roots by path, read once.
var trustedRoots = map[string]*root.TrustedRoot{}

func verify(j *job) error {
	verifier, policy, err := prepare(j)
	if err != nil {
		return err
	}
	return check(j.Bundle, verifier, policy)
}

// Bench measures what parsing and verifying costs once the trust root is read.
func bench(j *job) (float64, error) {
	verifier, policy, err := prepare(j)
	if err != nil {
		return 0, err
	}
	return measure(j.Iterations, func() error { return check(j.Bundle, verifier, policy) })
}

func check(content []byte, verifier *sigstore.Verifier, policy sigstore.PolicyBuilder) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	var b bundle.Bundle
	if err := b.UnmarshalJSON(content); err != nil {
		return err
	}
	_, err = verifier.Verify(&b, policy)
	return err
}

func prepare(j *job) (*sigstore.Verifier, sigstore.PolicyBuilder, error) {
	var none sigstore.PolicyBuilder
	trusted, err := trustedMaterial(j)
	if err != nil {
		return nil, none, err
	}
	options := []sigstore.VerifierOption{
		sigstore.WithTransparencyLog(threshold),
		sigstore.WithObserverTimestamps(threshold),
	}
	if j.PublicKey == "" {
		options = append(options, sigstore.WithSignedCertificateTimestamps(threshold))
	}
	verifier, err := sigstore.NewVerifier(trusted, options...)
	if err != nil {
		return nil, none, err
	}
	artifact, err := artifactPolicy(j.Artifact)
	if err != nil {
		return nil, none, err
	}
	signer, err := signerPolicy(j)
	if err != nil {
		return nil, none, err
	}
	return verifier, sigstore.NewPolicy(artifact, signer), nil
}

func trustedMaterial(j *job) (root.TrustedMaterial, error) {
	trustedRoot, known := trustedRoots[j.TrustedRoot]
	if !known {
		var err error
		if trustedRoot, err = root.NewTrustedRootFromPath(j.TrustedRoot); err != nil {
			return nil, err
		}
		trustedRoots[j.TrustedRoot] = trustedRoot
	}
	if j.PublicKey == "" {
		return trustedRoot, nil
	}
	publicKey, err := cryptoutils.UnmarshalPEMToPublicKey([]byte(j.PublicKey))
	if err != nil {
		return nil, err
	}
	keyVerifier, err := signature.LoadDefaultVerifier(publicKey)
	if err != nil {
		return nil, err
	}
	key := root.NewExpiringKey(keyVerifier, time.Time{}, time.Time{})
	keys := root.NewTrustedPublicKeyMaterial(func(string) (root.TimeConstrainedVerifier, error) {
		return key, nil
	})
	return root.TrustedMaterialCollection{trustedRoot, keys}, nil
}

func artifactPolicy(digest string) (sigstore.ArtifactPolicyOption, error) {
	algorithm, value, found := strings.Cut(digest, ":")
	if !found {
		return nil, errors.New("a digest names its algorithm")
	}
	bytes, err := hex.DecodeString(value)
	if err != nil {
		return nil, err
	}
	return sigstore.WithArtifactDigest(algorithm, bytes), nil
}

func signerPolicy(j *job) (sigstore.PolicyOption, error) {
	if j.PublicKey != "" {
		return sigstore.WithKey(), nil
	}
	identity, err := sigstore.NewShortCertificateIdentity(j.Issuer, "", j.Subject, "")
	if err != nil {
		return nil, err
	}
	return sigstore.WithCertificateIdentity(identity), nil
}
