{{/* The configuration of the platform (docs/reference/configuration.md), and the Secrets that it refers to as files. */}}

{{- define "tenfold.secretsFolder" -}}/run/secrets/tenfold{{- end -}}

{{- define "tenfold.apiSecretsFolder" -}}/run/secrets/apis{{- end -}}

{{/* What is mounted there: a list of { name, key, file }, of the references that name a Secret. (dict "root" $ "component" "gateway"): an operator gets what it needs, and nobody else its password. */}}
{{- define "tenfold.secretFiles" -}}
{{- $operates := eq .component "operator" -}}
{{- with .root -}}
{{- $files := list -}}
{{- $optional := list -}}
{{- /* Functions in OpenFaaS have no token of a pod: the operator makes them a key. */ -}}
{{- if or (not $operates) .Values.operator.openfaas.url -}}{{- $files = append $files (dict "name" (include "tenfold.authSecretName" .) "key" "internal-secret" "file" "internal-secret") -}}{{- end -}}
{{- if not $operates -}}{{- $files = append $files (dict "name" (include "tenfold.authSecretName" .) "key" "admin-token" "file" "admin-token") -}}{{- end -}}
{{- if not $operates -}}{{- $optional = append $optional (list "admin-tokens" .Values.auth.tokensSecret) -}}{{- end -}}
{{- if and (not $operates) .Values.auth.proxy -}}{{- $optional = append $optional (list "admin-proxy" .Values.auth.proxySecret) -}}{{- end -}}
{{- with .Values.kafka -}}
{{- if .brokers -}}
{{- if .sasl.mechanism -}}{{- $optional = append $optional (list "kafka-password" .sasl.passwordSecret) -}}{{- end -}}
{{- if .tls.enabled -}}{{- $optional = concat $optional (list (list "kafka-ca" .tls.caSecret) (list "kafka-cert" .tls.certSecret) (list "kafka-key" .tls.keySecret)) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if not $operates -}}
{{- with .Values.redis -}}
{{- if .urls -}}
{{- $optional = append $optional (list "redis-password" .passwordSecret) -}}
{{- if .tls.enabled -}}{{- $optional = concat $optional (list (list "redis-ca" .tls.caSecret) (list "redis-cert" .tls.certSecret) (list "redis-key" .tls.keySecret)) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.elasticsearch -}}
{{- if .nodes -}}{{- $optional = concat $optional (list (list "elasticsearch-password" .passwordSecret) (list "elasticsearch-api-key" .apiKeySecret) (list "elasticsearch-ca" .caSecret)) -}}{{- end -}}
{{- end -}}
{{- with .Values.s3 -}}
{{- if .bucket -}}{{- $optional = append $optional (list "s3-secret-access-key" .secretAccessKeySecret) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.operator.openfaas -}}
{{- if and $operates .url -}}{{- $optional = append $optional (list "openfaas-password" .passwordSecret) -}}{{- end -}}
{{- end -}}
{{- range $optional -}}
{{- $ref := index . 1 -}}
{{- if $ref.name -}}{{- $files = append $files (dict "name" $ref.name "key" $ref.key "file" (index . 0)) -}}{{- end -}}
{{- end -}}
{{- if and (not $operates) .Values.publicTls.secretName -}}
{{- $files = concat $files (list
  (dict "name" .Values.publicTls.secretName "key" "tls.crt" "file" "public.crt")
  (dict "name" .Values.publicTls.secretName "key" "tls.key" "file" "public.key")) -}}
{{- end -}}
{{- if not $operates -}}
{{- range .Values.listeners -}}
{{- $tls := dig "tls" "secretName" "" . -}}
{{- if $tls -}}
{{- $files = concat $files (list
  (dict "name" $tls "key" "tls.crt" "file" (printf "listener-%s.crt" .name))
  (dict "name" $tls "key" "tls.key" "file" (printf "listener-%s.key" .name))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $files -}}
{{- end -}}
{{- end -}}

{{/* (dict "tls" .Values.kafka.tls "service" "kafka"): the group `tls` of a service. */}}
{{- define "tenfold.tls" -}}
{{- $folder := include "tenfold.secretsFolder" . -}}
{{- $tls := dict -}}
{{- if .tls.caSecret.name -}}{{- $_ := set $tls "ca" (printf "%s/%s-ca" $folder .service) -}}{{- end -}}
{{- if .tls.certSecret.name -}}{{- $_ := set $tls "cert" (printf "%s/%s-cert" $folder .service) -}}{{- end -}}
{{- if .tls.keySecret.name -}}{{- $_ := set $tls "key" (dict "file" (printf "%s/%s-key" $folder .service)) -}}{{- end -}}
{{- with .tls.servername -}}{{- $_ := set $tls "servername" . -}}{{- end -}}
{{- toYaml $tls -}}
{{- end -}}

{{/* `listeners` of the configuration: (dict "listeners" .Values.listeners "folder" … "operates" false). An operator opens none of them, and asks who is served where. */}}
{{- define "tenfold.listeners" -}}
{{- $folder := .folder -}}
{{- $operates := .operates -}}
{{- $all := list -}}
{{- range .listeners -}}
{{- $one := dict "name" .name "port" (int .port) "namespaces" .namespaces -}}
{{- with .hosts -}}{{- $_ := set $one "hosts" . -}}{{- end -}}
{{- if not $operates -}}
{{- with .trustedProxies -}}{{- $_ := set $one "trustedProxies" . -}}{{- end -}}
{{- with .connections -}}
{{- $connections := dict -}}
{{- with .max -}}{{- $_ := set $connections "max" (int .) -}}{{- end -}}
{{- with .perClient -}}{{- $_ := set $connections "perClient" (int .) -}}{{- end -}}
{{- with .idleSeconds -}}{{- $_ := set $connections "idle" (printf "%ds" (int .)) -}}{{- end -}}
{{- if $connections -}}{{- $_ := set $one "connections" $connections -}}{{- end -}}
{{- end -}}
{{- if dig "tls" "secretName" "" . -}}{{- $_ := set $one "certificate" (dict "cert" (printf "%s/listener-%s.crt" $folder .name) "key" (printf "%s/listener-%s.key" $folder .name)) -}}{{- end -}}
{{- end -}}
{{- $all = append $all $one -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* (dict "root" $ "component" "gateway"): an operator reads other parts of it than all others. */}}
{{- define "tenfold.config" -}}
{{- $operates := eq .component "operator" -}}
{{- with .root -}}
{{- $folder := include "tenfold.secretsFolder" . -}}
{{- $config := dict
  "host" .Values.config.host
  "logLevel" .Values.config.logLevel
  "drain" (printf "%ds" (int .Values.config.drainSeconds))
  "drainDelay" (printf "%ds" (int .Values.config.drainDelaySeconds))
  "data" "/data"
  "functionImage" (include "tenfold.image" (dict "root" . "image" .Values.functionImage)) -}}
{{- if and .Values.persistence.backupClaim (eq .Values.mode "standalone") (not $operates) -}}
{{- with .Values.persistence.backups -}}{{- $_ := set $config "backups" (dict "folder" "/backups" "schedule" .schedule "timeZone" .timeZone "keep" (int .keep)) -}}{{- end -}}
{{- end -}}
{{- if or (not $operates) .Values.operator.openfaas.url -}}{{- $_ := set $config "internal" (dict "secret" (dict "file" (printf "%s/internal-secret" $folder))) -}}{{- end -}}
{{- $admin := dict -}}
{{- if not $operates -}}{{- $_ := set $admin "token" (dict "file" (printf "%s/admin-token" $folder)) -}}{{- end -}}
{{- with .Values.config.adminHosts -}}{{- $_ := set $admin "hosts" . -}}{{- end -}}
{{- if not $operates -}}
{{- if not .Values.auth.kubernetes -}}{{- $_ := set $admin "kubernetes" false -}}{{- end -}}
{{- if .Values.auth.tokensSecret.name -}}{{- $_ := set $admin "tokens" (printf "%s/admin-tokens" $folder) -}}{{- end -}}
{{- with .Values.auth.oidc -}}{{- $_ := set $admin "oidc" . -}}{{- end -}}
{{- with .Values.auth.proxy -}}{{- $_ := set $admin "proxy" (merge (dict "secret" (dict "file" (printf "%s/admin-proxy" $folder))) .) -}}{{- end -}}
{{- end -}}
{{- if $admin -}}{{- $_ := set $config "admin" $admin -}}{{- end -}}
{{- $functions := dict "internalUrl" (printf "http://%s-internal.%s.svc:8081" (include "tenfold.fullname" .) .Release.Namespace) -}}
{{- with .Values.config.functionsLogLevel -}}{{- $_ := set $functions "logLevel" . -}}{{- end -}}
{{- with .Values.config.allowedAddresses -}}{{- $_ := set $functions "allowedAddresses" . -}}{{- end -}}
{{- $_ := set $config "functions" $functions -}}
{{- with .Values.config.callbackHosts -}}{{- $_ := set $config "callbacks" (dict "hosts" .) -}}{{- end -}}
{{- $cluster := dict -}}
{{- if not $operates -}}
{{- $_ := set $cluster "figuresEvery" (printf "%ds" (int .Values.config.figuresEverySeconds)) -}}
{{- if eq (toString .Values.config.callInstances) "false" -}}{{- $_ := set $cluster "callInstances" false -}}{{- end -}}
{{- if .Values.apiSecrets -}}{{- $_ := set $cluster "secrets" (include "tenfold.apiSecretsFolder" .) -}}{{- end -}}
{{- end -}}
{{- $owners := list -}}
{{- range $place, $namespace := .Values.routeOwners -}}{{- $owners = append $owners (printf "%s=%s" $place $namespace) -}}{{- end -}}
{{- /* What `helm test` goes through, whoever has all other paths. */ -}}
{{- if and .Values.tests.enabled (not (hasKey .Values.routeOwners "/tenfold-test")) -}}{{- $owners = append $owners (printf "/tenfold-test=%s" (include "tenfold.testNamespace" .)) -}}{{- end -}}
{{- $public := dict -}}
{{- with .Values.publicNamespaces -}}{{- $_ := set $public "namespaces" . -}}{{- end -}}
{{- with .Values.listeners -}}{{- $_ := set $config "listeners" (include "tenfold.listeners" (dict "listeners" . "folder" $folder "operates" $operates) | fromYamlArray) -}}{{- end -}}
{{- if $owners -}}{{- $_ := set $cluster "routeOwners" $owners -}}{{- end -}}
{{- if $cluster -}}{{- $_ := set $config "cluster" $cluster -}}{{- end -}}
{{- $operator := dict -}}
{{- with .Values.operator.provider -}}{{- $_ := set $operator "provider" . -}}{{- end -}}
{{- with .Values.operator.inFlightMetric -}}{{- $_ := set $operator "inFlightMetric" . -}}{{- end -}}
{{- with .Values.operator.restartNamespaces -}}{{- $_ := set $operator "restartNamespaces" . -}}{{- end -}}
{{- with .Values.operator.functionLabels -}}{{- $_ := set $operator "functionLabels" . -}}{{- end -}}
{{- with .Values.operator.openfaas -}}
{{- if .url -}}
{{- $openfaas := dict "url" .url "username" .username -}}
{{- with .namespace -}}{{- $_ := set $openfaas "namespace" . -}}{{- end -}}
{{- if .passwordSecret.name -}}{{- $_ := set $openfaas "password" (dict "file" (printf "%s/openfaas-password" $folder)) -}}{{- end -}}
{{- $_ := set $operator "openfaas" $openfaas -}}
{{- end -}}
{{- end -}}
{{- if and $operates $operator -}}{{- $_ := set $config "operator" $operator -}}{{- end -}}
{{- if not $operates -}}
{{- $connections := dict "max" (int .Values.config.connections.max) "perClient" (int .Values.config.connections.perClient) "idle" (printf "%ds" (int .Values.config.connections.idleSeconds)) -}}
{{- $_ := set $public "connections" $connections -}}
{{- $_ := set $config.internal "connections" $connections -}}
{{- with .Values.config.trustedProxies -}}{{- $_ := set $public "trustedProxies" . -}}{{- end -}}
{{- if .Values.publicTls.secretName -}}{{- $_ := set $public "certificate" (dict "cert" (printf "%s/public.crt" $folder) "key" (printf "%s/public.key" $folder)) -}}{{- end -}}
{{- end -}}
{{- if $public -}}{{- $_ := set $config "public" $public -}}{{- end -}}
{{- with .Values.kafka -}}
{{- if .brokers -}}
{{- $kafka := dict "brokers" .brokers "clientId" .clientId "compression" .compression -}}
{{- with .topicPrefix -}}{{- $_ := set $kafka "topicPrefix" . -}}{{- end -}}
{{- with .replicationFactor -}}{{- $_ := set $kafka "replicationFactor" (int .) -}}{{- end -}}
{{- if not (kindIs "invalid" .eventIndex) -}}{{- $_ := set $kafka "eventIndex" .eventIndex -}}{{- end -}}
{{- with .minInsyncReplicas -}}{{- $_ := set $kafka "minInsyncReplicas" (int .) -}}{{- end -}}
{{- if .tls.enabled -}}{{- $_ := set $kafka "tls" (include "tenfold.tls" (dict "tls" .tls "service" "kafka") | fromYaml) -}}{{- end -}}
{{- if .sasl.mechanism -}}
{{- if not .sasl.passwordSecret.name -}}{{- fail "kafka.sasl.mechanism is set, so kafka.sasl.passwordSecret.name has to say which Secret holds the password." -}}{{- end -}}
{{- $_ := set $kafka "sasl" (dict "mechanism" .sasl.mechanism "username" (required "kafka.sasl.mechanism is set, so kafka.sasl.username has to say who the platform is." .sasl.username) "password" (dict "file" (printf "%s/kafka-password" $folder))) -}}
{{- end -}}
{{- $_ := set $config "log" (dict "kafka" $kafka) -}}
{{- end -}}
{{- end -}}
{{- if not $operates -}}
{{- with .Values.tracing -}}
{{- if .endpoint -}}
{{- $tracing := dict "endpoint" .endpoint "slow" (printf "%ds" (int .slowSeconds)) "wait" (printf "%ds" (int .waitSeconds)) -}}
{{- if not (kindIs "invalid" .sampling) -}}{{- $_ := set $tracing "sampling" .sampling -}}{{- end -}}
{{- $_ := set $config "tracing" $tracing -}}
{{- end -}}
{{- end -}}
{{- with .Values.redis -}}
{{- if .urls -}}
{{- $redis := dict "urls" .urls "mode" .mode "prefix" .prefix -}}
{{- if eq .mode "sentinel" -}}{{- $_ := set $redis "sentinelName" (required "redis.mode is sentinel, so redis.sentinelName has to say which group they watch." .sentinelName) -}}{{- end -}}
{{- with .username -}}{{- $_ := set $redis "username" . -}}{{- end -}}
{{- if .passwordSecret.name -}}{{- $_ := set $redis "password" (dict "file" (printf "%s/redis-password" $folder)) -}}{{- end -}}
{{- if .tls.enabled -}}{{- $_ := set $redis "tls" (include "tenfold.tls" (dict "tls" .tls "service" "redis") | fromYaml) -}}{{- end -}}
{{- $_ := set $config "store" (dict "redis" $redis) -}}
{{- end -}}
{{- end -}}
{{- with .Values.elasticsearch -}}
{{- if .nodes -}}
{{- $search := dict "nodes" .nodes "prefix" .prefix -}}
{{- with .username -}}{{- $_ := set $search "username" . -}}{{- end -}}
{{- if .passwordSecret.name -}}{{- $_ := set $search "password" (dict "file" (printf "%s/elasticsearch-password" $folder)) -}}{{- end -}}
{{- if .apiKeySecret.name -}}{{- $_ := set $search "apiKey" (dict "file" (printf "%s/elasticsearch-api-key" $folder)) -}}{{- end -}}
{{- if .caSecret.name -}}{{- $_ := set $search "ca" (printf "%s/elasticsearch-ca" $folder) -}}{{- end -}}
{{- if not (kindIs "invalid" .shards) -}}{{- $_ := set $search "shards" (int .shards) -}}{{- end -}}
{{- if not (kindIs "invalid" .replicas) -}}{{- $_ := set $search "replicas" (int .replicas) -}}{{- end -}}
{{- $_ := set $config "search" (dict "elasticsearch" $search) -}}
{{- end -}}
{{- end -}}
{{- with .Values.s3 -}}
{{- if .bucket -}}
{{- $s3 := dict "bucket" .bucket -}}
{{- with .endpoint -}}{{- $_ := set $s3 "endpoint" . -}}{{- end -}}
{{- with .region -}}{{- $_ := set $s3 "region" . -}}{{- end -}}
{{- if not (kindIs "invalid" .pathStyle) -}}{{- $_ := set $s3 "pathStyle" .pathStyle -}}{{- end -}}
{{- with .accessKeyId -}}{{- $_ := set $s3 "accessKeyId" . -}}{{- end -}}
{{- if .secretAccessKeySecret.name -}}{{- $_ := set $s3 "secretAccessKey" (dict "file" (printf "%s/s3-secret-access-key" $folder)) -}}{{- end -}}
{{- with .prefix -}}{{- $_ := set $s3 "prefix" . -}}{{- end -}}
{{- with .keys -}}{{- $_ := set $s3 "keys" . -}}{{- end -}}
{{- with .events.topic -}}{{- $_ := set $s3 "events" (dict "topic" .) -}}{{- end -}}
{{- $_ := set $config "blobs" (dict "s3" $s3) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}
{{- end -}}

{{/* What cannot be said by a schema; included where every installation passes. */}}
{{- define "tenfold.assertValues" -}}
{{- if not .Values.namespaces -}}{{- fail "namespaces is not set: it has to say whose objects Tenfold follows, and where its operator may make Deployments. Some: --set 'namespaces={shop,billing}', which must be there. All of the cluster, as earlier releases took it where none was named: --set namespaces=all" -}}{{- end -}}
{{- $followed := include "tenfold.namespaces" . | fromJsonArray -}}
{{- $names := dict -}}
{{- $ports := dict -}}
{{- range .Values.listeners -}}
{{- if hasKey $names .name -}}{{- fail (printf "listeners has two of the name %s. Give each a name of its own." .name) -}}{{- end -}}
{{- $port := toString (int .port) -}}
{{- if hasKey $ports $port -}}{{- fail (printf "listeners %s and %s have the same port, %s. Give each a port of its own." (get $ports $port) .name $port) -}}{{- end -}}
{{- $_ := set $names .name true -}}
{{- $_ := set $ports $port .name -}}
{{- range $namespace := .namespaces -}}
{{- if and $followed (not (has $namespace $followed)) -}}{{- fail (printf "A listener names the namespace %s, which namespaces does not have: nothing is followed there." $namespace) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $namespace := .Values.publicNamespaces -}}
{{- if and $followed (not (has $namespace $followed)) -}}{{- fail (printf "publicNamespaces names the namespace %s, which namespaces does not have: nothing is followed there." $namespace) -}}{{- end -}}
{{- end -}}
{{- if eq .Values.mode "distributed" -}}
{{- if not .Values.kafka.brokers -}}{{- fail "mode is distributed: processes of their own share events through Kafka, so kafka.brokers has to say where it is." -}}{{- end -}}
{{- if .Values.persistence.backupClaim -}}{{- fail "mode is distributed: no process keeps data on a volume, so there is nothing to copy to persistence.backupClaim. Back up Kafka, Redis, Elasticsearch and S3 by their own means, and leave it empty." -}}{{- end -}}
{{- if .Values.persistence.existingClaim -}}{{- fail "mode is distributed: no process keeps data on a volume, so nobody would use persistence.existingClaim. What is on it stays there; leave the setting empty." -}}{{- end -}}
{{- if not .Values.redis.urls -}}{{- fail "mode is distributed: processes of their own share state through Redis, so redis.urls has to say where it is." -}}{{- end -}}
{{- end -}}
{{- if and .Values.persistence.existingClaim (not .Values.persistence.enabled) -}}{{- fail "persistence.enabled is false, so nobody would use persistence.existingClaim, and all data would be gone with the pod. Set enabled to true, or leave existingClaim empty." -}}{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}{{- fail "httpRoute.enabled is true, so httpRoute.parentRefs has to name a Gateway." -}}{{- end -}}
{{- if and .Values.s3.accessKeyId (not .Values.s3.secretAccessKeySecret.name) -}}{{- fail "s3.accessKeyId is set, so s3.secretAccessKeySecret.name has to say which Secret holds its secret." -}}{{- end -}}
{{- if and .Values.auth.proxy (not .Values.auth.proxySecret.name) -}}{{- fail "auth.proxy is set, so auth.proxySecret.name has to say which Secret holds the secret that the proxy shows." -}}{{- end -}}
{{- if and .Values.s3.events.topic (not .Values.kafka.brokers) -}}{{- fail "s3.events.topic is set: events of the bucket come over Kafka, so kafka.brokers has to say where it is." -}}{{- end -}}
{{- range list "gateway" "worker" -}}
{{- $scaling := (index $.Values .).autoscaling -}}
{{- if and $scaling.enabled (lt (int $scaling.maxReplicas) (int $scaling.minReplicas)) -}}{{- fail (printf "%s.autoscaling.maxReplicas is below minReplicas." .) -}}{{- end -}}
{{- end -}}
{{- with .Values.worker.autoscaling -}}
{{- if and .enabled (not .cpuPercent) (not .lag.metric) -}}{{- fail "worker.autoscaling has nothing to scale by: set cpuPercent, or lag.metric." -}}{{- end -}}
{{- end -}}
{{- end -}}
