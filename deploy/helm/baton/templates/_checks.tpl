{{/* Milliseconds of a duration as the configuration writes it: 500ms, 20s, 5m, 1h, 90d. */}}
{{- define "baton.milliseconds" -}}
{{- $text := toString . -}}
{{- if not (regexMatch "^[0-9]+(ms|s|m|h|d)$" $text) -}}
{{- fail (printf "config: replica.shutdown_grace: %q: expected a duration such as 25s" $text) -}}
{{- end -}}
{{- $factors := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 -}}
{{- $unit := regexFind "[a-z]+$" $text -}}
{{- mul (trimSuffix $unit $text | int64) (get $factors $unit) -}}
{{- end }}

{{/* Fails where the pods could not be probed, or would be killed before they have let go of their jobs. */}}
{{- define "baton.check" -}}
{{- $config := fromYaml .Values.config.yaml -}}
{{- if hasKey $config "Error" -}}
{{- fail (printf "config.yaml: %s" $config.Error) -}}
{{- end -}}
{{- $replica := default dict $config.replica -}}
{{- $grace := include "baton.milliseconds" (default "25s" $replica.shutdown_grace) | int64 -}}
{{- $period := mul 1000 (int64 .Values.terminationGracePeriodSeconds) -}}
{{- if le $period $grace -}}
{{- fail (printf "terminationGracePeriodSeconds: %d: expected more than replica.shutdown_grace (%s), or pods are killed before they have let go of their jobs" (int .Values.terminationGracePeriodSeconds) (default "25s" $replica.shutdown_grace)) -}}
{{- end -}}
{{- $listen := toString (default "off" (default dict $config.server).listen) -}}
{{- $wanted := printf "0.0.0.0:%d" (int .Values.port) -}}
{{- if ne $listen $wanted -}}
{{- fail (printf "config.yaml: server.listen: %q: expected %q, where the probes ask" $listen $wanted) -}}
{{- end -}}
{{- $rolling := default dict .Values.strategy.rollingUpdate -}}
{{- if and (eq .Values.strategy.type "RollingUpdate") (eq (toString $rolling.maxSurge) "0") (eq (toString $rolling.maxUnavailable) "0") -}}
{{- fail "strategy.rollingUpdate: maxSurge and maxUnavailable are both 0: nothing could ever be replaced" -}}
{{- end -}}
{{- end }}
