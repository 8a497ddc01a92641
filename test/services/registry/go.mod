module tenfold.dev/test/registry

go 1.24

require github.com/google/go-containerregistry v0.13.0
