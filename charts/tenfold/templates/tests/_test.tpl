{{/* Objects that are there only while `helm test` runs. */}}

{{- define "tenfold.testName" -}}
{{- printf "%s-test" (include "tenfold.fullname" .) -}}
{{- end -}}

{{/* Where the ten kinds are followed. */}}
{{- define "tenfold.testNamespace" -}}
{{- $namespaces := include "tenfold.namespaces" . | fromJsonArray -}}
{{- if and $namespaces (not (has .Release.Namespace $namespaces)) -}}
{{- first $namespaces -}}
{{- else -}}
{{- .Release.Namespace -}}
{{- end -}}
{{- end -}}

{{- define "tenfold.testSelector" -}}
app.kubernetes.io/name: tenfold-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* (dict "root" $ "weight" 1) */}}
{{- define "tenfold.testMetadata" -}}
name: {{ include "tenfold.testName" .root }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "tenfold.testSelector" .root | nindent 2 }}
  app.kubernetes.io/component: test
  app.kubernetes.io/part-of: tenfold
  app.kubernetes.io/managed-by: {{ .root.Release.Service }}
  {{- with .root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  helm.sh/hook: test
  helm.sh/hook-weight: {{ .weight | quote }}
  # Nothing of it stays, also when it fails; what the pod said is printed then.
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
  helm.sh/hook-output-log-policy: hook-failed
{{- end -}}
