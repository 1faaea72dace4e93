{{/* Mistakes that a schema cannot see. Each message says where, what was expected, and what to set. */}}

{{/* Milliseconds of a duration as the configuration writes it: 500ms, 20s, 5m, 1h, 90d. */}}
{{- define "baton.milliseconds" -}}
{{- $text := toString . -}}
{{- if not (regexMatch "^[0-9]+(ms|s|m|h|d)$" $text) -}}
{{- fail (printf "config.yaml: replica.shutdown_grace: %q: expected a duration such as 25s, written out, so that terminationGracePeriodSeconds can be compared with it" $text) -}}
{{- end -}}
{{- $factors := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 -}}
{{- $unit := regexFind "[a-z]+$" $text -}}
{{- mul (trimSuffix $unit $text | int64) (get $factors $unit) -}}
{{- end }}

{{/* A map of the configuration; empty where it is missing. $: dict "of" MAP "key" KEY */}}
{{- define "baton.map" -}}
{{- $value := get .of .key -}}
{{- if kindIs "map" $value -}}{{- toYaml $value -}}{{- else -}}{}{{- end -}}
{{- end }}

{{- define "baton.check" -}}
{{- $config := fromYaml .Values.config.yaml -}}
{{- if hasKey $config "Error" -}}
{{- fail (printf "config.yaml: %s: expected a map in YAML, as docs/configuration.md describes it" $config.Error) -}}
{{- end -}}
{{- if not (include "baton.map" (dict "of" $config "key" "jobs") | fromYaml) -}}
{{- fail "config.yaml: jobs: expected a map with at least one job" -}}
{{- end -}}
{{- include "baton.checkNames" . -}}
{{- include "baton.checkTaken" . -}}
{{- include "baton.checkGrace" (dict "root" . "config" $config) -}}
{{- include "baton.checkListen" (dict "root" . "config" $config) -}}
{{- include "baton.checkStrategy" . -}}
{{- include "baton.checkBudget" . -}}
{{- include "baton.checkRepository" (dict "root" . "config" $config) -}}
{{- include "baton.checkSecrets" (dict "root" . "config" $config) -}}
{{- include "baton.checkReferences" (dict "root" . "config" $config) -}}
{{- end }}

{{/* Pods that are killed before they have let go of their jobs leave them to wait for the end of the lease. */}}
{{- define "baton.checkGrace" -}}
{{- $replica := include "baton.map" (dict "of" .config "key" "replica") | fromYaml -}}
{{- $grace := default "25s" $replica.shutdown_grace -}}
{{- $milliseconds := include "baton.milliseconds" $grace | int64 -}}
{{- if le (mul 1000 (int64 .root.Values.terminationGracePeriodSeconds)) $milliseconds -}}
{{- fail (printf "terminationGracePeriodSeconds: %d: expected more than replica.shutdown_grace (%s), or pods are killed before they have let go of their jobs: set at least %d, or a shorter shutdown_grace" (int64 .root.Values.terminationGracePeriodSeconds) $grace (add 10 (div $milliseconds 1000))) -}}
{{- end -}}
{{- end }}

{{/* Of all addresses: of IPv4, or of IPv6, which takes IPv4 where there is any. */}}
{{- define "baton.checkListen" -}}
{{- $server := include "baton.map" (dict "of" .config "key" "server") | fromYaml -}}
{{- $port := int .root.Values.port -}}
{{- $said := toString (default "off" $server.listen) -}}
{{- if not (has $said (list (printf "0.0.0.0:%d" $port) (printf "[::]:%d" $port))) -}}
{{- fail (printf "config.yaml: server.listen: %q: expected \"0.0.0.0:%d\", or \"[::]:%d\" where pods have addresses of IPv6, where the probes ask: set it, or port" $said $port $port) -}}
{{- end -}}
{{- end }}

{{- define "baton.checkStrategy" -}}
{{- $rolling := default dict .Values.strategy.rollingUpdate -}}
{{- if eq .Values.strategy.type "RollingUpdate" -}}
{{- if and (has (toString $rolling.maxSurge) (list "0" "0%")) (has (toString $rolling.maxUnavailable) (list "0" "0%")) -}}
{{- fail "strategy.rollingUpdate: maxSurge and maxUnavailable are both 0, and nothing could ever be replaced: set maxUnavailable: 1, or maxSurge: 1" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "baton.checkBudget" -}}
{{- $budget := .Values.podDisruptionBudget -}}
{{- if and $budget.enabled (has (toString $budget.maxUnavailable) (list "0" "0%")) -}}
{{- fail (printf "podDisruptionBudget.maxUnavailable: %s: no pod could ever leave a node that is drained: set 1, or podDisruptionBudget.enabled: false" (toString $budget.maxUnavailable)) -}}
{{- end -}}
{{- end }}

{{/* Names that Kubernetes takes. A Service's is the strictest. */}}
{{- define "baton.checkNames" -}}
{{- $name := include "baton.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "%s: %q cannot be the name of objects: expected small letters, digits and -, beginning with a letter and not ending with -" (ternary "fullnameOverride" "the release's name, or nameOverride" (ne (default "" .Values.fullnameOverride) "")) $name) -}}
{{- end -}}
{{- range $place, $name := dict "nameOverride" .Values.nameOverride "secret.existing" .Values.secret.existing "serviceAccount.name" .Values.serviceAccount.name "priorityClassName" .Values.priorityClassName -}}
{{- if not (regexMatch "^([a-z0-9]([-.a-z0-9]*[a-z0-9])?)?$" (default "" $name)) -}}
{{- fail (printf "%s: %q: expected small letters, digits, - and ., beginning and ending with a letter or digit" $place $name) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* What the chart says of the pods already: a second one makes the object invalid, or takes the first one's place. */}}
{{- define "baton.checkTaken" -}}
{{- range $key, $_ := include "baton.selector" . | fromYaml -}}
{{- if hasKey (default dict $.Values.podLabels) $key -}}
{{- fail (printf "podLabels: %s: by this label the Deployment finds its pods: leave it out" $key) -}}
{{- end -}}
{{- end -}}
{{- range list "checksum/config" "checksum/secret" -}}
{{- if hasKey (default dict $.Values.podAnnotations) . -}}
{{- fail (printf "podAnnotations: %s: the chart sets it: leave it out" .) -}}
{{- end -}}
{{- end -}}
{{- range .Values.env -}}
{{- if eq .name "BATON_CONFIG" -}}
{{- fail "env: BATON_CONFIG: the chart sets it: leave it out; config.yaml is the configuration" -}}
{{- end -}}
{{- end -}}
{{- $volumes := list "config" "secret" "tmp" -}}
{{- range .Values.volumes -}}
{{- if has .name $volumes -}}
{{- fail (printf "volumes: %s: there is a volume of this name already (config, secret and tmp are the chart's own): choose another name" .name) -}}
{{- end -}}
{{- $volumes = append $volumes .name -}}
{{- end -}}
{{- $paths := list "/etc/baton" "/run/secrets/baton" "/tmp" -}}
{{- range .Values.volumeMounts -}}
{{- if not (has .name $volumes) -}}
{{- fail (printf "volumeMounts: %s: there is no volume of this name: put it into volumes" .name) -}}
{{- end -}}
{{- if has (trimSuffix "/" .mountPath) $paths -}}
{{- fail (printf "volumeMounts: %s: something is mounted at %s already: choose another mountPath" .name .mountPath) -}}
{{- end -}}
{{- $paths = append $paths (trimSuffix "/" .mountPath) -}}
{{- end -}}
{{- end }}

{{/* Replicas share the repository, so each pod's own file is none. */}}
{{- define "baton.checkRepository" -}}
{{- $repository := include "baton.map" (dict "of" .config "key" "repository") | fromYaml -}}
{{- $url := toString (default "sqlite:baton.db" $repository.url) -}}
{{- if .root.Values.config.applicationProperties -}}
{{- if $repository.url -}}
{{- fail "config.yaml: repository.url: application.properties says it already (spring.datasource.url): leave it out here" -}}
{{- end -}}
{{- else if and (hasPrefix "sqlite:" $url) (gt (int .root.Values.replicas) 1) -}}
{{- fail (printf "config.yaml: repository.url: %q: expected postgresql://…, which pods can share: with SQLite each of the %d replicas would have jobs of its own; or set replicas: 1" $url (int .root.Values.replicas)) -}}
{{- end -}}
{{- end }}

{{/* ${NAME} without a default ends a pod with code 78 where nothing sets NAME. Secrets of others cannot be looked into, and
what the cluster sets by itself is not seen here: the kubelet HOSTNAME and KUBERNETES_…, EKS's webhook for roles AWS_…. */}}
{{- define "baton.checkReferences" -}}
{{- $values := .root.Values -}}
{{- $unknown := or $values.envFrom (and (not $values.secret.env) $values.secret.existing) -}}
{{- if not $unknown -}}
{{- $known := keys (default dict $values.secret.env) -}}
{{- range $values.env -}}{{- $known = append $known .name -}}{{- end -}}
{{- $properties := regexReplaceAll "(?m)^[ \t]*[#!].*$" (default "" $values.config.applicationProperties) "" -}}
{{- range $source, $text := dict "yaml" (toYaml .config | replace "$${" "") "applicationProperties" $properties -}}
{{- range regexFindAll "\\$\\{[A-Z_][A-Z0-9_]*\\}" $text -1 -}}
{{- $name := trimPrefix "${" . | trimSuffix "}" -}}
{{- if not (or (has $name $known) (regexMatch "^(AWS_.+|KUBERNETES_.+|HOSTNAME)$" $name)) -}}
{{- fail (printf "config.%s: ${%s}: nothing sets %s: put it into secret.env or env, or name the Secret that holds it in secret.existing" $source $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
