{{- define "answerable.name" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "answerable.selector" -}}
app.kubernetes.io/name: answerable
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "answerable.labels" -}}
{{ include "answerable.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* An image from its repository, digest and tag. Takes the map and the name of its key, for the sentence. */ -}}
{{- define "answerable.image" -}}
{{- $i := .image -}}
{{- if not $i.repository }}{{ fail (printf "Set %s.repository: an image of your own registry." .key) }}{{ end -}}
{{- if $i.digest }}{{ printf "%s@%s" $i.repository $i.digest }}{{ else if $i.tag }}{{ printf "%s:%s" $i.repository $i.tag }}{{ else }}{{ fail (printf "Set %s.digest, or at least %s.tag." .key .key) }}{{ end -}}
{{- end -}}

{{- /* What the Pod Security Standard "restricted" asks of a pod and of a container, and more. */ -}}
{{- define "answerable.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "answerable.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "answerable.databaseSecret" -}}
{{- if .Values.cloudnativepg.enabled -}}
{{- if .Values.database.existingSecret }}{{ fail "Both database.existingSecret and cloudnativepg.enabled name a database. Keep one of them." }}{{ end -}}
{{ include "answerable.name" . }}-db-app
{{- else -}}
{{ required "Set database.existingSecret: a secret with the database's address, which you make." .Values.database.existingSecret }}
{{- end -}}
{{- end -}}

{{- define "answerable.databaseURLKey" -}}
{{- if .Values.cloudnativepg.enabled }}uri{{ else }}{{ .Values.database.urlKey }}{{ end -}}
{{- end -}}

{{- /* Migrations run on the address past a pooler, when there is one. */ -}}
{{- define "answerable.migrate" -}}
name: migrate
image: {{ include "answerable.image" (dict "image" .Values.image "key" "image") }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [migrate, up]
env:
  - name: DATABASE_URL
    valueFrom:
      secretKeyRef:
        name: {{ include "answerable.databaseSecret" . }}
        key: {{ include "answerable.databaseURLKey" . }}
  {{- with .Values.database.directURLKey }}
  - name: DATABASE_DIRECT_URL
    valueFrom:
      secretKeyRef:
        name: {{ include "answerable.databaseSecret" $ }}
        key: {{ . }}
  {{- end }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- include "answerable.containerSecurity" . | nindent 2 }}
{{- end -}}

{{- /*
Values that had another name in an earlier release of the chart, with what they are called now. The schema lets them through
(renamed), so that a sentence refuses them here.
*/ -}}
{{- define "answerable.renamed" -}}
networkPolicy.databaseTo: networkPolicy.database.to
networkPolicy.databasePorts: networkPolicy.database.ports
{{- end -}}

{{- define "answerable.refuseRenamed" -}}
{{- range $old, $new := include "answerable.renamed" . | fromYaml -}}
{{- $at := $.Values -}}
{{- range splitList "." $old -}}
{{- $at = get (default dict $at) . -}}
{{- end -}}
{{- if $at }}{{ fail (printf "%s is now %s. Rename it in your values; where you upgrade with --reuse-values, say --reset-then-reuse-values instead." $old $new) }}{{ end -}}
{{- end -}}
{{- end -}}

{{- define "answerable.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}
