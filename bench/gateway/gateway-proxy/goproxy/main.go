// Go's own reverse proxy with 50 prefixes, as a program would use it: connections to the upstream kept alive.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	upstream, err := url.Parse(os.Getenv("UPSTREAM"))
	if err != nil {
		log.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true},
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(upstream)
			request.SetXForwarded()
		},
	}
	mux := http.NewServeMux()
	for index := range 50 {
		mux.Handle(fmt.Sprintf("/shop/r%d/{id}", index), http.StripPrefix("/shop", proxy))
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
