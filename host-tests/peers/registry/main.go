// A registry for tests, and the way of an image layout into a registry and out of it.
//
//	registry serve                         serve images and referrers until standard input ends
//	registry push LAYOUT REFERENCE         push the first image of a layout, print its digest
//	registry pull REPOSITORY@DIGEST LAYOUT pull an image and whatever stands beside it
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 1 && arguments[0] == "serve":
		return serve()
	case len(arguments) == 3 && arguments[0] == "push":
		return push(arguments[1], arguments[2])
	case len(arguments) == 3 && arguments[0] == "pull":
		return pull(arguments[1], arguments[2])
	default:
		return errors.New("usage: registry serve | push LAYOUT REFERENCE | pull REPOSITORY@DIGEST LAYOUT")
	}
}

// serve prints its address, a port of the loopback interface, and serves from memory.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	handler := registry.New(
		registry.WithReferrersSupport(true),
		registry.Logger(log.New(os.Stderr, "", 0)),
	)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(listener, handler)
}
