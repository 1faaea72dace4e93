{{/* Passwords in plain text: neither a ConfigMap nor a Deployment is a place for them. What Baton masks in its messages
     (src/config/secret_text.cpp) is refused as far as a template can tell; docs/kubernetes.md says what it cannot. */}}

{{/* A text with \x01 for each reference that tells nothing: ${NAME}, ${file:/path}, and $(NAME) of a pod's environment. One
     with a default tells that. */}}
{{- define "baton.unreferenced" -}}
{{- $text := . | replace "$${" "$(" -}}
{{- range until 3 -}}{{/* Spring's may stand in each other. */}}
{{- $text = regexReplaceAll "\\$\\{(file:/[^}]*|[^{}:$]+(:-?\\x01*)?)\\}|\\$\\([A-Za-z_][A-Za-z0-9_.-]*\\)" $text "\x01" -}}
{{- end -}}
{{- $text -}}
{{- end }}

{{/* "yes" for the name of a secret. TOKEN as a number is how many tokens a replica has. $: dict "name" NAME "value" TEXT */}}
{{- define "baton.namesSecret" -}}
{{- $words := "(?i)passw|pasw|passphrase|pass$|(^|[^a-z])pass[^a-z]|pwd|secret|credential|api[_-]?key|token$" -}}
{{- $others := "(?i)(file|path|dir|name)$|bypass$|^(old)?pwd$" -}}
{{- $isCount := and (eq (lower .name) "token") (regexMatch "^\\s*([0-9]+|\\$\\{[^{}:]+:-?[0-9]+\\})\\s*$" .value) -}}
{{- if and (regexMatch $words .name) (not (regexMatch $others .name)) (not $isCount) -}}yes{{- end -}}
{{- end }}

{{/* "yes" for a text with a URL that has a password, or with password=… $: dict "text" UNREFERENCED "free" IS-SQL-OR-PROSE */}}
{{- define "baton.holdsSecret" -}}
{{- $inUrl := list
  "://[^/@:\\s\\[]*:[^@/\\s]*[^@/\\s\\x01][^@/\\s]*@"
  "://[^/@:\\s\\[]*:[^@/\\s]*[^0-9@/\\s\\x01][^@\\s]*@"
  "(?i)https?://[^/@:?#\\s]*[^/@:?#\\s\\x01][^/@:?#\\s]*:?@" -}}
{{- $behindKey := "(?i)(passw(or)?d|pwd|secret|token|api[_-]?key)\\s*=\\s*['\"]?[^\\s&'\"\\x01]" -}}
{{- $text := .text -}}
{{- range ternary $inUrl (append $inUrl $behindKey) .free -}}
{{- if regexMatch . $text -}}yes{{- end -}}
{{- end -}}
{{- end }}

{{/* "yes" where this value tells a secret. $: dict "name" NAME "value" VALUE */}}
{{- define "baton.tellsSecret" -}}
{{- $text := include "baton.unreferenced" (toString .value) -}}
{{- if eq .name "argv" -}}{{- $text = regexReplaceAll "\\$[A-Za-z_][A-Za-z0-9_]*|\\$\\([^)]*\\)" $text "\x01" -}}{{- end -}}
{{- $isPlain := ne (replace "\x01" "" $text) "" -}}
{{- if and $isPlain (include "baton.namesSecret" (dict "name" .name "value" $text)) -}}yes{{- end -}}
{{- include "baton.holdsSecret" (dict "text" $text "free" (has .name (list "statement" "sql" "description"))) -}}
{{- end }}

{{/* Each value of the configuration. $: dict "at" PATH "name" KEY "value" VALUE */}}
{{- define "baton.checkSecretsBelow" -}}
{{- $here := . -}}
{{- if kindIs "map" .value -}}
{{- range $key, $value := .value -}}
{{- if not (has $key (list "columns" "rename")) -}}{{/* maps of columns' names */}}
{{- $name := ternary $here.name $key (eq $key "value") -}}
{{- include "baton.checkSecretsBelow" (dict "at" (printf "%s.%s" $here.at $key | trimPrefix ".") "name" $name "value" $value) -}}
{{- end -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- range $index, $value := .value -}}
{{- include "baton.checkSecretsBelow" (dict "at" (printf "%s[%d]" $here.at $index) "name" $here.name "value" $value) -}}
{{- end -}}
{{- else if not (or (kindIs "bool" .value) (kindIs "invalid" .value)) -}}
{{- if include "baton.tellsSecret" (dict "name" .name "value" .value) -}}
{{- fail (printf "config.yaml: %s holds a password in plain text, and a ConfigMap is no secret: write ${NAME} there, and put NAME into secret.env or the Secret that secret.existing names" .at) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* One line of properties, after lines that go on are joined. */}}
{{- define "baton.checkProperty" -}}
{{- $key := regexFind "^(\\\\.|[^=: \t\f\\\\])*" . -}}
{{- $value := trimPrefix $key . -}}
{{- $value = regexReplaceAll "^[ \t\f]*[=:]?[ \t\f]*" $value "" -}}
{{- $key = regexReplaceAll "\\\\(.)" $key "${1}" -}}
{{- $uniform := $key | replace "-" "" | replace "_" "" -}}
{{- if include "baton.tellsSecret" (dict "name" $uniform "value" $value) -}}
{{- $name := $key | replace "." "_" | replace "-" "" | upper -}}
{{- fail (printf "config.applicationProperties: %s holds a password in plain text, and a ConfigMap is no secret: take the line out, and put %s into secret.env or the Secret that secret.existing names" $key $name) -}}
{{- end -}}
{{- end }}

{{- define "baton.checkProperties" -}}
{{- $line := "" -}}
{{- $goesOn := false -}}
{{- range splitList "\n" (regexReplaceAll "\r\n?" . "\n") -}}
{{- $part := regexReplaceAll "^[ \t\f]+" . "" -}}
{{- if or $goesOn (not (regexMatch "^[#!]" $part)) -}}
{{- $goesOn = regexMatch "(^|[^\\\\])(\\\\\\\\)*\\\\$" $part -}}
{{- $line = print $line (ternary (trimSuffix "\\" $part) $part $goesOn) -}}
{{- if not $goesOn -}}
{{- include "baton.checkProperty" $line -}}
{{- $line = "" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "baton.checkProperty" $line -}}
{{- end }}

{{- define "baton.checkSecrets" -}}
{{- include "baton.checkSecretsBelow" (dict "at" "" "name" "" "value" .config) -}}
{{- include "baton.checkProperties" (default "" .root.Values.config.applicationProperties) -}}
{{- range .root.Values.env -}}
{{- if and .value (include "baton.tellsSecret" (dict "name" .name "value" .value)) -}}
{{- fail (printf "env: %s holds a password in plain text, and a Deployment is no secret: put it into secret.env or the Secret that secret.existing names, or give it valueFrom.secretKeyRef" .name) -}}
{{- end -}}
{{- end -}}
{{- end }}
