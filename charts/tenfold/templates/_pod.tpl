{{/* The pod of a component, and what is the same in all Deployments: (dict "root" $ "component" "gateway"). */}}

{{- define "tenfold.args" -}}
{{- $args := list (.component | replace "standalone" "serve") -}}
{{- if ne .component "operator" -}}{{- $args = append $args "--cluster" -}}{{- end -}}
{{- range include "tenfold.namespaces" .root | fromJsonArray -}}{{- $args = concat $args (list "--namespace" .) -}}{{- end -}}
{{- toYaml $args -}}
{{- end -}}

{{- define "tenfold.podTemplate" -}}
{{- $values := .root.Values -}}
{{- $own := index $values .component -}}
{{- $secrets := include "tenfold.secretFiles" . | fromYamlArray -}}
{{- $hasListeners := or (eq .component "standalone") (eq .component "gateway") -}}
metadata:
  labels:
    {{- include "tenfold.podLabels" . | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "tenfold.config" . | sha256sum }}
    kubectl.kubernetes.io/default-container: tenfold
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "tenfold.serviceAccountName" . }}
  # It follows the API server.
  automountServiceAccountToken: true
  enableServiceLinks: false
  {{- with include "tenfold.pullSecrets" .root }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    {{- include "tenfold.podSecurity" .root | nindent 4 }}
  terminationGracePeriodSeconds: {{ add (int $values.config.drainDelaySeconds) (int $values.config.drainSeconds) 15 }}
  {{- with include "tenfold.placement" . }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- if and $values.topologySpread.enabled (ne .component "standalone") }}
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: {{ $values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "tenfold.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: tenfold
      image: {{ include "tenfold.image" (dict "root" .root "image" $values.image) }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args:
        {{- include "tenfold.args" . | nindent 8 }}
      env:
        - name: TENFOLD_CONFIG
          value: /etc/tenfold/{{ ternary "operator" "tenfold" (eq .component "operator") }}.yaml
        {{- with $values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        {{- if $hasListeners }}
        - { name: public, containerPort: 8080, protocol: TCP }
        {{- range $values.listeners }}
        - { name: {{ .name }}, containerPort: {{ .port }}, protocol: TCP }
        {{- end }}
        - { name: internal, containerPort: 8081, protocol: TCP }
        {{- end }}
        - { name: admin, containerPort: 9090, protocol: TCP }
      # Alive is something else than ready: a service that is away makes a worker unready, and nothing is gained by a restart.
      startupProbe:
        httpGet: { path: /healthz, port: admin }
        periodSeconds: 1
        timeoutSeconds: 2
        # A database that was not closed is read through before it is opened.
        failureThreshold: 300
      livenessProbe:
        httpGet: { path: /healthz, port: admin }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: admin }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      securityContext:
        {{- include "tenfold.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $own.resources | nindent 8 }}
      volumeMounts:
        - { name: config, mountPath: /etc/tenfold, readOnly: true }
        {{- if $secrets }}
        - { name: secrets, mountPath: {{ include "tenfold.secretsFolder" .root }}, readOnly: true }
        {{- end }}
        {{- if ne .component "operator" }}
        {{- range $index, $secret := $values.apiSecrets }}
        - { name: api-{{ $index }}, mountPath: {{ include "tenfold.apiSecretsFolder" $.root }}/{{ $secret.namespace }}/{{ $secret.name }}, readOnly: true }
        {{- end }}
        {{- end }}
        - { name: data, mountPath: /data }
        {{- if include "tenfold.backupClaim" . }}
        - { name: backups, mountPath: /backups }
        {{- end }}
        - { name: tmp, mountPath: /tmp }
  volumes:
    - name: config
      configMap:
        name: {{ include "tenfold.fullname" .root }}
    {{- with $secrets }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          {{- range . }}
          - secret:
              name: {{ .name }}
              items: [{ key: {{ .key | quote }}, path: {{ .file }} }]
          {{- end }}
    {{- end }}
    {{- if ne .component "operator" }}
    {{- range $index, $secret := $values.apiSecrets }}
    # One that is not there should keep its Api out, not the pod.
    - { name: api-{{ $index }}, secret: { secretName: {{ $secret.secretName }}, optional: true, defaultMode: 0440 } }
    {{- end }}
    {{- end }}
    - name: data
      {{- if and (eq .component "standalone") $values.persistence.enabled }}
      persistentVolumeClaim:
        claimName: {{ $values.persistence.existingClaim | default (printf "%s-data" (include "tenfold.fullname" .root)) }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- with include "tenfold.backupClaim" . }}
    - { name: backups, persistentVolumeClaim: { claimName: {{ . }} } }
    {{- end }}
    - name: tmp
      emptyDir: {}
{{- end -}}

{{/* Only what keeps data on its volume has something to back up. */}}
{{- define "tenfold.backupClaim" -}}
{{- if eq .component "standalone" -}}{{- .root.Values.persistence.backupClaim -}}{{- end -}}
{{- end -}}

{{/* Replicas that roll one by one, each only when the one before it is ready. */}}
{{- define "tenfold.deployment" -}}
{{- $own := index .root.Values .component -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "tenfold.componentName" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "tenfold.labels" . | nindent 4 }}
spec:
  {{- if not (dig "autoscaling" "enabled" false $own) }}
  replicas: {{ ternary (include "tenfold.operatorReplicas" .root) $own.replicas (eq .component "operator") }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels:
      {{- include "tenfold.selector" . | nindent 6 }}
  template:
    {{- include "tenfold.podTemplate" . | nindent 4 }}
{{- end -}}

{{- define "tenfold.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "tenfold.componentName" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "tenfold.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  # A pod that is not ready is no reason to keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "tenfold.selector" . | nindent 6 }}
{{- end -}}
