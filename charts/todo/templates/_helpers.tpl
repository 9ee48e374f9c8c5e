{{/* What every object of the release carries. */}}
{{- define "todo.labels" -}}
app.kubernetes.io/part-of: {{ .Values.platform | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
todoctl.io/platform: {{ .Values.platform | quote }}
todoctl.io/environment: {{ .Values.environment | quote }}
todoctl.io/system: app
{{- end }}

{{/* How the pods of a service are found. Never changed: a Deployment's selector cannot be. */}}
{{- define "todo.selector" -}}
app.kubernetes.io/part-of: {{ .root.Values.platform | quote }}
app.kubernetes.io/name: {{ .name | quote }}
{{- end }}

{{/* A variable whose value is a key of a Secret. */}}
{{- define "todo.secretVariable" -}}
- name: {{ .variable | quote }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret.name | quote }}
      key: {{ .secret.key | quote }}
{{- end }}

{{/* What Pod Security `restricted` asks of a pod. */}}
{{- define "todo.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* What Pod Security `restricted` asks of a container, and a disk that nobody writes to. */}}
{{- define "todo.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}

{{/* What a route of the entrance hangs on: the listener for HTTPS where there is a host, else that for HTTP. */}}
{{- define "todo.parent" -}}
parentRefs:
  - name: {{ .Values.platform | quote }}
    sectionName: {{ if .Values.gateway.host }}https{{ else }}http{{ end }}
{{- with .Values.gateway.host }}
hostnames:
  - {{ . | quote }}
{{- end }}
{{- end }}
