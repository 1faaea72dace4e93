"""Values for which the chart must be good: one entry for each way of using it."""

from chart import TOP, config_with

PROPERTIES = "\n".join(
    line
    for line in (TOP / "tests/acceptance/application.properties").read_text().splitlines()
    if "password" not in line and "secretkey" not in line
)
JOBS = (TOP / "tests/acceptance/jobs.yaml").read_text()
SERVER = 'server: { listen: "0.0.0.0:8080" }\n'
ROLE = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/baton"}

POSTGRES_AND_DYNAMODB = config_with(
    replica={"tokens": 3, "shutdown_grace": "2m"},
    repository={"url": "postgresql://baton@db.example:5432/etl", "password": "${DB_PASSWORD}", "schema": "datasync"},
    locks={"store": "dynamodb", "dynamodb": {"table": "etl-locks", "region": "eu-central-1"}},
    connections={"warehouse": {"url": "${WAREHOUSE_URL}"}},
)

MATRIX = {
    "default": {},
    "properties": {
        "config": {"applicationProperties": PROPERTIES, "yaml": SERVER + JOBS},
        "secret": {
            "env": {"SPRING_DATASOURCE_HIKARI_PASSWORD": "p", "DYNAMODB_SECRETKEY": "s"},
        },
    },
    "postgres and dynamodb": {
        "replicas": 3,
        "config": {"yaml": POSTGRES_AND_DYNAMODB},
        "terminationGracePeriodSeconds": 130,
        "secret": {"env": {"DB_PASSWORD": "p@ss", "WAREHOUSE_URL": "postgresql://w:p@warehouse.example/dw"}},
        "serviceAccount": {"annotations": ROLE},
    },
    "maxSurge 1": {"strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}},
    "percentages": {"replicas": 8, "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}},
    "recreate": {"strategy": {"type": "Recreate"}},
    "one replica on SQLite": {
        "replicas": 1,
        "config": {"yaml": config_with(repository={"url": "sqlite:/var/lib/baton/baton.db"})},
        "secret": {"existing": ""},
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "baton"}}],
        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/baton"}],
    },
    "user of the cluster's choice": {"runAsUser": None},
    "addresses of IPv6": {"config": {"yaml": config_with(server={"listen": "[::]:8080"})}},
    "text that begins with spaces": {
        "config": {"yaml": "\n    # Ours.\n" + config_with() + "# The end.\n"},
    },
    "properties that begin with spaces": {
        "config": {"applicationProperties": "  # Ours.\n" + PROPERTIES, "yaml": "  # Ours.\n" + SERVER + JOBS},
        "secret": {"env": {"SPRING_DATASOURCE_HIKARI_PASSWORD": "p", "DYNAMODB_SECRETKEY": "s"}},
    },
    "large numbers": {
        "replicas": 1000000,
        "runAsUser": 1000720000,
        "minReadySeconds": 1000000,
        "terminationGracePeriodSeconds": 2000000,
        "strategy": {"rollingUpdate": {"maxSurge": 1000000, "maxUnavailable": 1000000}},
        "podDisruptionBudget": {"maxUnavailable": 1000000},
    },
    "all options": {
        "replicas": 4,
        "minReadySeconds": 0,
        "image": {"repository": "registry.example/etl/baton", "tag": "0.6.0-slim", "pullPolicy": "Always"},
        "imagePullSecrets": [{"name": "registry"}],
        "fullnameOverride": "etl",
        "env": [{"name": "TZ", "value": "UTC"}, {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "envFrom": [{"configMapRef": {"name": "more"}}],
        "port": 9090,
        "config": {"yaml": config_with(server={"listen": "0.0.0.0:9090"})},
        "resources": {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
        "podDisruptionBudget": {"maxUnavailable": "50%"},
        "topologyKeys": ["topology.kubernetes.io/zone"],
        "runAsUser": 1000,
        "serviceAccount": {"name": "etl", "annotations": ROLE},
        "networkPolicy": {
            "enabled": True,
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/16"}}], "ports": [{"port": 5432, "protocol": "TCP"}]}],
        },
        "serviceMonitor": {"enabled": True, "interval": "15s", "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
        "dashboard": {"enabled": True},
        "podAnnotations": {"example.com/team": "etl"},
        "podLabels": {"team": "etl"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "batch", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}]}}},
        "priorityClassName": "batch",
        "volumes": [{"name": "input", "persistentVolumeClaim": {"claimName": "input", "readOnly": True}}],
        "volumeMounts": [{"name": "input", "mountPath": "/data/in", "readOnly": True}],
        "global": {"region": "eu"},
    },
}


def environment_of(values):
    """What a pod's environment holds by these values: its Secret's keys, where the chart makes it."""
    named = {name: str(value) for name, value in values.get("secret", {}).get("env", {}).items()}
    return named or {"REPOSITORY_URL": "postgresql://baton:p@db.example/etl"}


