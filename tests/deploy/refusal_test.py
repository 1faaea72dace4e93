"""Values that cannot work are refused, by a message that says where, what was expected, and what to set."""
import unittest

import kubernetes_validate
import yaml

from chart import CHART, config_with, helm, refusal, render
from matrix import MATRIX, PROPERTIES, SERVER
from sources_test import keys_of

TMP = "/tmp"  # the chart mounts a volume of its own there


def with_config(**sections):
    return {"config": {"yaml": config_with(**sections)}}


def with_properties(more):
    return {"config": {"applicationProperties": PROPERTIES + "\n" + more, "yaml": MATRIX["properties"]["config"]["yaml"]}}


NO_SECRET = {"existing": "", "env": {}}

# Values → what the message must say.
REFUSED = [
    ({"replica": 3}, ["Additional property replica is not allowed"]),
    ({"image": {"tga": "1"}}, ["image: Additional property tga is not allowed"]),
    ({"replicas": "three"}, ["replicas: Invalid type. Expected: integer, given: string"]),
    ({"replicas": -1}, ["replicas: Must be greater than or equal to 0"]),
    ({"port": 80}, ["port: Must be greater than or equal to 1024"]),
    ({"strategy": {"type": "Rolling"}}, ['strategy.type: strategy.type must be one of the following: "RollingUpdate", "Recreate"']),
    ({"strategy": {"rollingUpdate": {"maxSurge": "one"}}}, ["strategy.rollingUpdate.maxSurge"]),
    ({"secret": {"env": {"A-B": "x"}}}, ["secret.env"]),
    ({"secret": {"env": {"PIN": 12345678}}}, ["secret.env.PIN: Invalid type. Expected: string, given: integer"]),
    ({"secret": {"env": {"PIN": 0.5}}}, ["secret.env.PIN: Invalid type. Expected: string, given: number"]),
    ({"secret": {"env": {"PIN": True}}}, ["secret.env.PIN: Invalid type. Expected: string, given: boolean"]),
    ({"secret": None}, ["secret is required"]),
    ({"env": [{"name": "DAYS", "value": 1}]}, ["env.0.value: Invalid type. Expected: string, given: integer"]),
    ({"env": [{"name": "BATON_CONFIG", "value": "/x"}]}, ["env: BATON_CONFIG: the chart sets it"]),
    ({"podLabels": {"app.kubernetes.io/name": "x"}},
     ["podLabels: app.kubernetes.io/name: by this label the Deployment finds its pods", "leave it out"]),
    ({"podLabels": {"app.kubernetes.io/instance": "x"}}, ["podLabels: app.kubernetes.io/instance"]),
    ({"podAnnotations": {"checksum/config": "x"}}, ["podAnnotations: checksum/config: the chart sets it"]),
    ({"volumes": [{"name": "tmp", "emptyDir": {}}]}, ["volumes: tmp: there is a volume of this name already", "another name"]),
    ({"volumes": [{"name": "a", "emptyDir": {}}, {"name": "a", "emptyDir": {}}]}, ["volumes: a: there is a volume"]),
    ({"volumeMounts": [{"name": "data", "mountPath": "/data"}]}, ["volumeMounts: data: there is no volume of this name"]),
    ({"volumes": [{"name": "a", "emptyDir": {}}], "volumeMounts": [{"name": "a", "mountPath": TMP + "/"}]},
     [f"volumeMounts: a: something is mounted at {TMP}/ already"]),
    ({"podDisruptionBudget": {"maxUnavailable": 0}},
     ["podDisruptionBudget.maxUnavailable: 0: no pod could ever leave a node", "set 1, or"]),
    ({"podDisruptionBudget": {"maxUnavailable": "0%"}}, ["podDisruptionBudget.maxUnavailable: 0%: no pod"]),
    ({"fullnameOverride": "Etl_Prod"},
     ['fullnameOverride: "Etl_Prod" cannot be the name of objects: expected small letters, digits and -']),
    ({"fullnameOverride": "1etl"}, ['fullnameOverride: "1etl"', "beginning with a letter"]),
    ({"nameOverride": "Etl"}, ['"baton-Etl" cannot be the name of objects']),
    ({"fullnameOverride": "etl", "nameOverride": "a b"}, ['nameOverride: "a b": expected small letters']),
    ({"secret": {"existing": "Etl_DB"}}, ['secret.existing: "Etl_DB": expected small letters']),
    ({"serviceAccount": {"name": "Etl"}}, ['serviceAccount.name: "Etl": expected small letters']),
    ({"runAsUser": 0}, ["runAsUser: Must be greater than or equal to 1"]),
    ({"serviceMonitor": {"interval": "often"}}, ["serviceMonitor.interval: Does not match pattern"]),
    ({"config": {"yaml": ""}}, ["config.yaml"]),
    ({"config": {"yaml": "jobs: ["}}, ["config.yaml: ", "expected a map in YAML"]),
    ({"config": {"yaml": SERVER}}, ["config.yaml: jobs: expected a map with at least one job"]),
    (with_config(jobs={}), ["config.yaml: jobs: expected a map with at least one job"]),
    (with_config(jobs=None), ["config.yaml: jobs: expected a map with at least one job"]),
    ({"terminationGracePeriodSeconds": 25},
     ["terminationGracePeriodSeconds: 25: expected more than replica.shutdown_grace (25s)", "set at least 35"]),
    (with_config(replica={"shutdown_grace": "5m"}), ["terminationGracePeriodSeconds: 35: expected more than", "(5m)", "310"]),
    (with_config(replica={"shutdown_grace": "${GRACE}"}), ["config.yaml: replica.shutdown_grace: \"${GRACE}\": expected a duration such as 25s"]),
    (with_config(server={}), ['config.yaml: server.listen: "off": expected "0.0.0.0:8080"', '"[::]:8080"', "where the probes ask"]),
    (with_config(server={"listen": "[::1]:8080"}), ['"[::1]:8080": expected']),
    (with_config(server={"listen": "[::]:9090"}), ['"[::]:9090": expected']),
    (with_config(server={"listen": "127.0.0.1:8080"}), ['"127.0.0.1:8080": expected "0.0.0.0:8080"']),
    ({"port": 9090}, ['"0.0.0.0:8080": expected "0.0.0.0:9090"']),
    ({"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}},
     ["strategy.rollingUpdate: maxSurge and maxUnavailable are both 0", "set maxUnavailable: 1"]),
    (with_config(repository={"url": "sqlite:baton.db"}), ["config.yaml: repository.url:", "expected postgresql://", "replicas: 1"]),
    (with_config(repository={}), ["config.yaml: repository.url:", "expected postgresql://"]),
    ({"config": {"yaml": config_with(), "applicationProperties": PROPERTIES}},
     ["config.yaml: repository.url: application.properties says it already", "leave it out"]),
    ({"secret": NO_SECRET}, ["config.yaml: ${REPOSITORY_URL}: nothing sets REPOSITORY_URL", "secret.env"]),
    ({"secret": {"env": {"OTHER": "x"}}}, ["config.yaml: ${REPOSITORY_URL}: nothing sets REPOSITORY_URL"]),
    ({"secret": {"env": {"REPOSITORY_URL": "x"}}, **with_config(connections={"beside": {"url": "postgresql://${MY_AWS_HOST}/b"}})},
     ["config.yaml: ${MY_AWS_HOST}: nothing sets MY_AWS_HOST"]),
    ({"secret": NO_SECRET, **with_properties("spring.datasource.username=${DB_USER}")},
     ["config.applicationProperties: ${DB_USER}: nothing sets DB_USER"]),
]

class Refusal(unittest.TestCase):
    def test_wrong_values_then_the_message_says_where_and_what_was_expected(self):
        for values, words in REFUSED:
            with self.subTest(values):
                message = refusal(values)
                for word in words:
                    self.assertIn(word, message)

    def test_one_value_is_null_then_refused_by_its_name_or_left_out(self):
        keys = [key for key in keys_of((CHART / "values.yaml").read_text()) if not key.startswith("config.yaml.")]
        for key in keys:
            with self.subTest(key):
                values = {one: {"enabled": True} for one in ("serviceMonitor", "prometheusRule", "dashboard", "networkPolicy")}
                *path, last = key.split(".")
                node = values
                for name in path:
                    node = node.setdefault(name, {})
                node[last] = None
                end = helm("template", "baton", CHART, values=values)
                if end.returncode == 0:
                    for one in yaml.safe_load_all(end.stdout):
                        if one and one["kind"] not in ("ServiceMonitor", "PrometheusRule"):
                            kubernetes_validate.validate(one, "1.30", strict=False)
                else:
                    self.assertRegex(end.stderr, rf"{last} is required|nothing sets REPOSITORY_URL")

    def test_references_with_a_source_then_accepted(self):
        for values in (
            {"secret": {"env": {"REPOSITORY_URL": "x"}}},
            {"secret": NO_SECRET, "env": [{"name": "REPOSITORY_URL", "value": "x"}]},
            {"secret": NO_SECRET, "envFrom": [{"secretRef": {"name": "db"}}]},
            {"secret": NO_SECRET, **with_config(repository={"url": "${REPOSITORY_URL:-postgresql://db/etl}"})},
            {"secret": NO_SECRET, "config": {"yaml": "# ${NOT_READ}\n" + config_with(
                repository={"url": "postgresql://db/$${x}"})}},
            # What the cluster itself sets.
            {"secret": {"env": {"REPOSITORY_URL": "x"}}, **with_config(
                locks={"store": "dynamodb", "dynamodb": {"table": "etl-locks", "region": "${AWS_REGION}"}},
                connections={"beside": {"url": "postgresql://${KUBERNETES_SERVICE_HOST}/${HOSTNAME}"}})},
        ):
            with self.subTest(values):
                render(values)


if __name__ == "__main__":
    unittest.main()
