"""What the chart makes is a chart by helm's rules, and objects by Kubernetes' own schemas, of all versions that it is for."""
import pathlib
import tempfile
import unittest

import kubernetes_validate
import yaml

from chart import CHART, TOP, container_of, helm, render, the
from matrix import MATRIX

# The oldest that Chart.yaml allows, those at which templates differ, and the newest whose schemas there are.
VERSIONS = ["1.25.0", "1.26.0", "1.27.0", "1.30.0", "1.37.0"]
OPERATORS_OWN = {"ServiceMonitor", "PrometheusRule"}


def check(objects, version):
    for one in objects:
        if one["kind"] not in OPERATORS_OWN:
            kubernetes_validate.validate(one, version.rsplit(".", 1)[0], strict=True)


class Rendering(unittest.TestCase):
    def test_chart_then_helm_finds_nothing_to_mend(self):
        for name, values in MATRIX.items():
            with self.subTest(name):
                end = helm("lint", "--strict", CHART, values=values)
                self.assertEqual(end.returncode, 0, end.stdout + end.stderr)
                self.assertIn("0 chart(s) failed", end.stdout)
                self.assertNotIn("Fail:", end.stdout + end.stderr)

    def test_all_values_then_objects_match_kubernetes_schemas(self):
        for version in VERSIONS:
            for name, values in MATRIX.items():
                with self.subTest(name, version=version):
                    check(render(values, kubernetes=version), version)

    def test_wrong_objects_then_the_schemas_refuse_them(self):
        objects = render()
        container_of(objects)["livenessProb"] = {}
        with self.assertRaises(kubernetes_validate.ValidationError):
            check(objects, "1.30.0")

    def test_plain_manifests_then_they_match_kubernetes_schemas(self):
        files = sorted((TOP / "deploy/kubernetes").glob("*.yaml"))
        self.assertEqual([file.name for file in files], ["baton.yaml", "monitoring.yaml", "network-policy.yaml"])
        for version in VERSIONS[2:]:
            for file in files:
                objects = list(yaml.safe_load_all(file.read_text()))
                check(objects, version)
                for one in objects:
                    self.assertNotIn("helm", str(one["metadata"]).lower(), file)

    def test_too_old_kubernetes_then_refused(self):
        with self.assertRaisesRegex(AssertionError, "incompatible with Kubernetes v1.24.0"):
            render(kubernetes="1.24.0")

    def test_packed_then_the_same_comes_of_it(self):
        values = MATRIX["all options"]
        with tempfile.TemporaryDirectory() as folder:
            end = helm("package", CHART, "--destination", folder)
            self.assertEqual(end.returncode, 0, end.stderr)
            packed = next(pathlib.Path(folder).glob("baton-*.tgz"))
            self.assertEqual(render(values, chart=packed), render(values))

    def test_options_of_the_prometheus_operator_then_they_hold_the_repositorys_rules(self):
        objects = render(MATRIX["all options"])
        rule = the("PrometheusRule", objects)
        self.assertEqual(rule["spec"], yaml.safe_load((TOP / "deploy/prometheus/alerts.yml").read_text()))
        monitor = the("ServiceMonitor", objects)
        service = the("Service", objects)
        self.assertEqual(monitor["apiVersion"], "monitoring.coreos.com/v1")
        self.assertEqual(monitor["metadata"]["labels"]["release"], "prometheus")
        self.assertLessEqual(monitor["spec"]["selector"]["matchLabels"].items(), service["metadata"]["labels"].items())
        [endpoint] = monitor["spec"]["endpoints"]
        self.assertEqual((endpoint["path"], endpoint["interval"]), ("/metrics", "15s"))
        self.assertIn(endpoint["port"], [port["name"] for port in service["spec"]["ports"]])

    def test_dashboard_then_it_is_the_repositorys(self):
        maps = [one for one in render(MATRIX["all options"]) if one["kind"] == "ConfigMap"]
        [dashboard] = [one for one in maps if one["metadata"]["name"].endswith("-dashboard")]
        self.assertEqual(dashboard["metadata"]["labels"]["grafana_dashboard"], "1")
        text = (TOP / "deploy/grafana/dashboard.json").read_text()
        self.assertEqual(dashboard["data"]["baton.json"].strip(), text.strip())

    def test_no_options_then_only_what_kubernetes_itself_knows(self):
        kinds = [one["kind"] for one in render()]
        self.assertEqual(
            sorted(kinds), ["ConfigMap", "Deployment", "PodDisruptionBudget", "Service", "ServiceAccount"])


if __name__ == "__main__":
    unittest.main()
