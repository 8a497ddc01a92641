module tenfold.dev/test/cluster/echo

go 1.26
