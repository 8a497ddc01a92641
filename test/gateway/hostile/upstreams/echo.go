// Tells on its output which requests Go's net/http saw to their end: one JSON document a line, after a line with its port.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	var lock sync.Mutex
	out := json.NewEncoder(os.Stdout)
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		fields := [][2]string{{"host", r.Host}}
		for name, values := range r.Header {
			for _, value := range values {
				fields = append(fields, [2]string{strings.ToLower(name), value})
			}
		}
		lock.Lock()
		defer lock.Unlock()
		out.Encode(map[string]any{"method": r.Method, "target": r.RequestURI, "length": len(body), "fields": fields})
	})))
}
