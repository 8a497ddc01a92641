module tenfold.dev/bench/goproxy

go 1.26
