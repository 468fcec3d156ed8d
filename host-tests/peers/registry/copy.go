package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const refName = "org.opencontainers.image.ref.name"

func push(folder, reference string) error {
	target, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		return err
	}
	index, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		return err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	if len(manifest.Manifests) == 0 {
		return errors.New("the layout is empty")
	}
	digest := manifest.Manifests[0].Digest
	image, err := index.Image(digest)
	if err != nil {
		return err
	}
	if err := remote.Write(target, image); err != nil {
		return err
	}
	fmt.Println(digest)
	return nil
}

// pull writes an image, everything under a tag that begins with the name of its digest, and its
// referrers, if the registry lists them, into a new layout.
func pull(reference, folder string) error {
	source, err := name.NewDigest(reference, name.Insecure)
	if err != nil {
		return err
	}
	target, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	image, err := remote.Image(source)
	if err != nil {
		return err
	}
	if err := target.AppendImage(image); err != nil {
		return err
	}
	tags, err := remote.List(source.Context())
	if err != nil {
		return err
	}
	prefix := strings.ReplaceAll(source.DigestStr(), ":", "-")
	hasFallback := false
	for _, tag := range tags {
		if strings.HasPrefix(tag, prefix) {
			if err := pullTag(source.Context().Tag(tag), target); err != nil {
				return fmt.Errorf("%s: %w", tag, err)
			}
		}
		hasFallback = hasFallback || tag == prefix
	}
	if hasFallback {
		return nil
	}
	return pullReferrers(source, target)
}

func pullTag(tag name.Tag, target layout.Path) error {
	descriptor, err := remote.Get(tag)
	if err != nil {
		return err
	}
	tagged := layout.WithAnnotations(map[string]string{refName: tag.TagStr()})
	if descriptor.MediaType.IsIndex() {
		index, err := descriptor.ImageIndex()
		if err != nil {
			return err
		}
		return target.AppendIndex(index, tagged)
	}
	image, err := descriptor.Image()
	if err != nil {
		return err
	}
	return target.AppendImage(image, tagged)
}

func pullReferrers(source name.Digest, target layout.Path) error {
	referrers, err := remote.Referrers(source)
	if err != nil {
		return err
	}
	manifest, err := referrers.IndexManifest()
	if err != nil {
		return err
	}
	for _, referrer := range manifest.Manifests {
		if err := pullReferrer(source.Context(), referrer, target); err != nil {
			return fmt.Errorf("%s: %w", referrer.Digest, err)
		}
	}
	return nil
}

func pullReferrer(repository name.Repository, referrer v1.Descriptor, target layout.Path) error {
	image, err := remote.Image(repository.Digest(referrer.Digest.String()))
	if err != nil {
		return err
	}
	return target.AppendImage(image)
}
