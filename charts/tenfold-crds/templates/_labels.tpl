{{/* As the chart tenfold has them, so that either may bring the CRDs. */}}
{{- define "tenfold-crds.labels" -}}
app.kubernetes.io/name: tenfold
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: crds
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tenfold
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
