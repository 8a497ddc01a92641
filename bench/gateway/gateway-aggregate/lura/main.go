// KrakenD's core with the same aggregate: three calls, merged, each in its own member.
package main

import (
	"io"
	"os"
	"strconv"
	"time"

	"github.com/luraproject/lura/v2/config"
	"github.com/luraproject/lura/v2/logging"
	"github.com/luraproject/lura/v2/proxy"
	"github.com/luraproject/lura/v2/router/mux"
)

func main() {
	port, _ := strconv.Atoi(os.Getenv("PORT"))
	backends := []*config.Backend{}
	for _, name := range []string{"order", "customer", "reviews"} {
		backends = append(backends, &config.Backend{
			Host: []string{os.Getenv("BACKENDS")}, URLPattern: "/" + name + "/1", Method: "GET", Group: name,
		})
	}
	service := config.ServiceConfig{
		Version: config.ConfigVersion, Address: "127.0.0.1", Port: port, Timeout: 2 * time.Second,
		MaxIdleConnsPerHost: 250,
		Endpoints: []*config.EndpointConfig{{
			Endpoint: "/invoices/1", Method: "GET", Timeout: 2 * time.Second, Backend: backends,
		}},
	}
	if err := service.Init(); err != nil {
		panic(err)
	}
	logger, err := logging.NewLogger("CRITICAL", io.Discard, "")
	if err != nil {
		panic(err)
	}
	mux.DefaultFactory(proxy.DefaultFactory(logger), logger).New().Run(service)
}
