{{/* Names and labels. */}}

{{- define "tenfold.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains "tenfold" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-tenfold" (.Release.Name | trunc 32 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{/* Never changes for a component: a Deployment cannot change what it selects. Functions let in pods that have this name. */}}
{{- define "tenfold.selector" -}}
app.kubernetes.io/name: tenfold
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Without the chart's version, so that one that changes nothing else replaces no pod. */}}
{{- define "tenfold.podLabels" -}}
{{ include "tenfold.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tenfold
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Of an object: (dict "root" $ "component" "gateway"). */}}
{{- define "tenfold.labels" -}}
{{ include "tenfold.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tenfold
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name (.root.Chart.Version | replace "+" "_") }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Which components there are, as a list of words. */}}
{{- define "tenfold.components" -}}
operator {{ ternary "gateway worker" "standalone" (eq .Values.mode "distributed") }}
{{- end -}}

{{/* Where a component runs that is no pod of its own in every mode. */}}
{{- define "tenfold.home" -}}
{{- if or (eq .component "operator") (eq .root.Values.mode "distributed") -}}{{- .component -}}{{- else -}}standalone{{- end -}}
{{- end -}}

{{/* The namespaces that are followed: a list, which is empty where it is all of them. */}}
{{- define "tenfold.namespaces" -}}
{{- if kindIs "string" .Values.namespaces -}}[]{{- else -}}{{- toJson .Values.namespaces -}}{{- end -}}
{{- end -}}

{{/* How many operators there are: a second one takes over at once. */}}
{{- define "tenfold.operatorReplicas" -}}
{{- .Values.operator.replicas | default (ternary 2 1 (eq .Values.mode "distributed")) -}}
{{- end -}}

{{/* The component that answers requests. */}}
{{- define "tenfold.listenerComponent" -}}
{{- if eq .Values.mode "distributed" -}}gateway{{- else -}}standalone{{- end -}}
{{- end -}}

{{/* Port of the Service of one of `listeners`. */}}
{{- define "tenfold.listenerPort" -}}
{{- dig "service" "port" (ternary 80 443 (eq (dig "tls" "secretName" "" .) "")) . -}}
{{- end -}}

{{/* Where the routes of a namespace are reached, as a url without a path: (dict "root" $ "namespace" "shop"). Empty where no listener serves it without a host of its own. */}}
{{- define "tenfold.urlOf" -}}
{{- $namespace := .namespace -}}
{{- $where := printf "%s.%s.svc" (include "tenfold.fullname" .root) .root.Release.Namespace -}}
{{- $urls := list -}}
{{- $isNamed := false -}}
{{- range .root.Values.listeners -}}
{{- if has $namespace .namespaces -}}
{{- $isNamed = true -}}
{{- if not .hosts -}}{{- $urls = append $urls (printf "%s://%s-%s.%s.svc:%s" (ternary "http" "https" (eq (dig "tls" "secretName" "" .) "")) (include "tenfold.fullname" $.root) .name $.root.Release.Namespace (include "tenfold.listenerPort" .)) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- with .root.Values -}}
{{- if ternary (has $namespace .publicNamespaces) (not $isNamed) (gt (len .publicNamespaces) 0) -}}{{- $urls = prepend $urls (printf "%s://%s:%d" (ternary "http" "https" (eq .publicTls.secretName "")) $where (int .service.port)) -}}{{- end -}}
{{- end -}}
{{- first $urls | default "" -}}
{{- end -}}

{{/* Name of a component's Deployment. */}}
{{- define "tenfold.componentName" -}}
{{- if eq .component "standalone" -}}
{{- include "tenfold.fullname" .root -}}
{{- else -}}
{{- printf "%s-%s" (include "tenfold.fullname" .root) .component -}}
{{- end -}}
{{- end -}}

{{- define "tenfold.serviceAccountName" -}}
{{- if .root.Values.serviceAccount.create -}}
{{- include "tenfold.componentName" . -}}
{{- else -}}
{{- $given := .root.Values.serviceAccount -}}
{{- $name := required "serviceAccount.create is false, so serviceAccount.name has to name one that is there, for the pods that serve." $given.name -}}
{{- $operator := required "serviceAccount.create is false, so serviceAccount.operatorName has to name one that is there, for the operator." $given.operatorName -}}
{{- if eq $name $operator -}}{{- fail "serviceAccount.operatorName is that of serviceAccount.name: give the operator an account of its own, or pods that strangers reach have the right to make Deployments." -}}{{- end -}}
{{- ternary $operator $name (eq .component "operator") -}}
{{- end -}}
{{- end -}}

{{- define "tenfold.authSecretName" -}}
{{- .Values.auth.existingSecret | default (printf "%s-auth" (include "tenfold.fullname" .)) -}}
{{- end -}}

{{/* (dict "root" $ "image" .Values.image) */}}
{{- define "tenfold.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- $name := .image.repository -}}
{{- if $registry -}}{{- $name = printf "%s/%s" (trimSuffix "/" $registry) $name -}}{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
