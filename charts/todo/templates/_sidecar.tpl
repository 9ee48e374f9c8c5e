{{/* How Dapr's injector is told what the sidecar of a service is like. All values are texts. */}}
{{- define "todo.sidecar" -}}
{{- $sidecar := .root.Values.sidecar -}}
dapr.io/enabled: "true"
dapr.io/app-id: {{ .name | quote }}
dapr.io/app-port: "8080"
dapr.io/config: {{ .service.sidecar.configuration | quote }}
dapr.io/log-as-json: "true"
dapr.io/log-level: {{ $sidecar.logLevel | quote }}
dapr.io/enable-metrics: "true"
dapr.io/metrics-port: "9090"
dapr.io/api-token-secret: {{ .root.Values.secrets.daprApiToken.name | quote }}
dapr.io/app-token-secret: {{ .root.Values.secrets.appApiToken.name | quote }}
{{- with .service.sidecar.envFromSecret }}
dapr.io/env-from-secret: {{ . | quote }}
{{- end }}
# It starts before the service and ends after it, so that the last events of a service still go out.
dapr.io/enable-native-sidecar: "true"
dapr.io/graceful-shutdown-seconds: {{ .root.Values.shutdown.sidecarSeconds | quote }}
# Secrets of components reach it through Dapr's operator; the built-in store would want a token for the API.
dapr.io/disable-builtin-k8s-secret-store: "true"
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
dapr.io/sidecar-cpu-request: {{ $sidecar.resources.requests.cpu | quote }}
dapr.io/sidecar-cpu-limit: {{ $sidecar.resources.limits.cpu | quote }}
dapr.io/sidecar-memory-request: {{ $sidecar.resources.requests.memory | quote }}
dapr.io/sidecar-memory-limit: {{ $sidecar.resources.limits.memory | quote }}
{{- end }}
