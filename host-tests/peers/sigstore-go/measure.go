package main

import (
	"runtime"
	"syscall"
)

// Measure gives the processor time of one call in microseconds: that of all threads, since the
// garbage collector works on others.
func measure(iterations int, call func() error) (float64, error) {
	if err := call(); err != nil {
		return 0, err
	}
	runtime.GC()
	before := processorMicroseconds()
	for range iterations {
		if err := call(); err != nil {
			return 0, err
		}
	}
	return (processorMicroseconds() - before) / float64(iterations), nil
}

func processorMicroseconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail("the processor time is unknown", err)
	}
	total := 0.0
	for _, time := range []syscall.Timeval{usage.Utime, usage.Stime} {
		total += float64(time.Sec)*1e6 + float64(time.Usec)
	}
	return total
}
