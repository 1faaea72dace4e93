{{/* A whole number is written out: YAML's 1000000 reaches templates as 1e+06. */}}
{{- define "baton.numberOrPercentage" -}}
{{- if kindIs "string" . -}}{{- . | quote -}}{{- else -}}{{- int64 . -}}{{- end -}}
{{- end }}

{{/* How many pods a number or a percentage of `replicas` is, rounded down. $: dict "of" REPLICAS "is" VALUE */}}
{{- define "baton.pods" -}}
{{- $text := toString .is -}}
{{- if hasSuffix "%" $text -}}
{{- div (mul (int64 .of) (trimSuffix "%" $text | int64)) 100 -}}
{{- else -}}
{{- int64 $text -}}
{{- end -}}
{{- end }}

{{/* Tokens of one pod, from the properties or the configuration; by default one for each job; "?" where a reference says it. */}}
{{- define "baton.tokens" -}}
{{- $config := fromYaml .Values.config.yaml -}}
{{- $replica := include "baton.map" (dict "of" $config "key" "replica") | fromYaml -}}
{{- $said := get $replica "tokens" | default (len $config.jobs) | toString -}}
{{- $line := regexFind "(?m)^[ \t]*token[ \t]*[=:][^\r\n]*" (default "" .Values.config.applicationProperties) -}}
{{- if $line -}}
{{- $said = regexReplaceAll "^[ \t]*token[ \t]*[=:][ \t]*" $line "" | trim -}}
{{- end -}}
{{- if regexMatch "^[0-9]+$" $said -}}{{- $said -}}{{- else -}}?{{- end -}}
{{- end }}
