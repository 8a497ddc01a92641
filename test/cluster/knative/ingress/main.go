// Command ingress is the least that Knative Serving takes for an ingress: it marks Knative's Ingress objects ready and sends calls on by
// host, path, headers and percentages. Kourier, which would stand there, is not to be had from the Go module proxy.
package main

import (
	"context"
	"errors"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"knative.dev/networking/pkg/apis/networking"
	"knative.dev/networking/pkg/apis/networking/v1alpha1"
	"knative.dev/networking/pkg/client/clientset/versioned"
	"knative.dev/networking/pkg/client/informers/externalversions"
)

const class = "test.ingress.networking.knative.dev"

// paths has those of each host, the most specific first.
type paths map[string][]v1alpha1.HTTPIngressPath

var serving atomic.Pointer[paths]

func pathsOf(ingresses []*v1alpha1.Ingress) *paths {
	all := paths{}
	for _, ingress := range ingresses {
		for _, rule := range ingress.Spec.Rules {
			for _, host := range rule.Hosts {
				all[host] = append(all[host], rule.HTTP.Paths...)
			}
		}
	}
	for _, of := range all {
		slices.SortStableFunc(of, func(a, b v1alpha1.HTTPIngressPath) int {
			return 1000*(len(b.Headers)-len(a.Headers)) + len(b.Path) - len(a.Path)
		})
	}
	return &all
}

func wants(path v1alpha1.HTTPIngressPath, r *http.Request) bool {
	for name, value := range path.Headers {
		if r.Header.Get(name) != value.Exact {
			return false
		}
	}
	return strings.HasPrefix(r.URL.Path, path.Path)
}

func draw(splits []v1alpha1.IngressBackendSplit) v1alpha1.IngressBackendSplit {
	left := rand.IntN(100)
	for _, split := range splits {
		if left -= split.Percent; left < 0 {
			return split
		}
	}
	return splits[len(splits)-1]
}

type target struct {
	path  v1alpha1.HTTPIngressPath
	split v1alpha1.IngressBackendSplit
}
type targetKey struct{}

func serve(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	for _, path := range (*serving.Load())[host] {
		if wants(path, r) {
			to := target{path, draw(path.Splits)}
			proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), targetKey{}, to)))
			return
		}
	}
	http.NotFound(w, r)
}

var proxy = &httputil.ReverseProxy{
	FlushInterval: -1,
	Transport:     again{&http.Transport{MaxIdleConnsPerHost: 100, IdleConnTimeout: 5 * time.Second}},
	Rewrite: func(p *httputil.ProxyRequest) {
		to := p.In.Context().Value(targetKey{}).(target)
		p.Out.URL.Scheme = "http"
		p.Out.URL.Host = net.JoinHostPort(to.split.ServiceName+"."+to.split.ServiceNamespace+".svc.cluster.local", to.split.ServicePort.String())
		p.Out.Host = p.In.Host
		if to.path.RewriteHost != "" {
			p.Out.Host = to.path.RewriteHost
		}
		p.SetXForwarded()
		for _, headers := range []map[string]string{to.path.AppendHeaders, to.split.AppendHeaders} {
			for name, value := range headers {
				p.Out.Header.Set(name, value)
			}
		}
	},
}

// again dials once more what refused: the Service of a revision may turn from the activator to its own pods at any moment. Other ingresses do, too.
type again struct{ http.RoundTripper }

func (a again) RoundTrip(r *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		response, err := a.RoundTripper.RoundTrip(r)
		var dial *net.OpError
		if try == 10 || !errors.As(err, &dial) || dial.Op != "dial" {
			return response, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func main() {
	config, err := rest.InClusterConfig()
	if err != nil {
		log.Fatal(err)
	}
	client := versioned.NewForConfigOrDie(config)
	factory := externalversions.NewSharedInformerFactory(client, 30*time.Second)
	informer := factory.Networking().V1alpha1().Ingresses()
	changed := make(chan struct{}, 1)
	note := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	_, err = informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { note() }, UpdateFunc: func(any, any) { note() }, DeleteFunc: func(any) { note() },
	})
	if err != nil {
		log.Fatal(err)
	}
	serving.Store(&paths{})
	factory.Start(context.Background().Done())
	factory.WaitForCacheSync(context.Background().Done())
	go func() { log.Fatal(http.ListenAndServe(":8080", http.HandlerFunc(serve))) }()

	at := []v1alpha1.LoadBalancerIngressStatus{{DomainInternal: os.Getenv("SERVICE_DOMAIN")}}
	for note(); ; {
		<-changed
		all, err := informer.Lister().List(labels.Everything())
		if err != nil {
			log.Fatal(err)
		}
		ours := slices.DeleteFunc(all, func(one *v1alpha1.Ingress) bool {
			return one.Annotations[networking.IngressClassAnnotationKey] != class
		})
		serving.Store(pathsOf(ours))
		for _, ingress := range ours {
			ready := ingress.DeepCopy()
			ready.Status.InitializeConditions()
			ready.Status.MarkNetworkConfigured()
			ready.Status.MarkLoadBalancerReady(at, at)
			ready.Status.ObservedGeneration = ready.Generation
			if equality.Semantic.DeepEqual(ready.Status, ingress.Status) {
				continue
			}
			if _, err := client.NetworkingV1alpha1().Ingresses(ready.Namespace).UpdateStatus(context.Background(), ready, metav1.UpdateOptions{}); err != nil {
				log.Print(err)
				time.AfterFunc(time.Second, note)
			}
		}
	}
}
