"""The Deployment and what stands beside it."""
import copy
import unittest

from chart import config_with, container_of, pod_of, render, the
from matrix import MATRIX


def checksums(values):
    annotations = pod_of(render(values))["metadata"]["annotations"]
    return {key: value for key, value in annotations.items() if key.startswith("checksum/")}


class Deployment(unittest.TestCase):
    def test_default_then_no_pods_besides_the_replicas(self):
        spec = the("Deployment", render())["spec"]
        self.assertGreater(spec["replicas"], 1)
        self.assertEqual(
            spec["strategy"], {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}})
        self.assertGreater(spec["minReadySeconds"], 0)

    def test_recreate_then_no_settings_of_rolling_updates(self):
        self.assertEqual(the("Deployment", render(MATRIX["recreate"]))["spec"]["strategy"], {"type": "Recreate"})

    def test_default_then_the_grace_is_longer_than_batons(self):
        self.assertGreater(pod_of(render())["spec"]["terminationGracePeriodSeconds"], 25)

    def test_large_numbers_then_whole_numbers_as_they_were_given(self):
        objects = render(MATRIX["large numbers"])
        spec, pod = the("Deployment", objects)["spec"], pod_of(objects)["spec"]
        given = [
            (spec["replicas"], 1000000),
            (spec["minReadySeconds"], 1000000),
            *[(number, 1000000) for number in spec["strategy"]["rollingUpdate"].values()],
            (the("PodDisruptionBudget", objects)["spec"]["maxUnavailable"], 1000000),
            (pod["terminationGracePeriodSeconds"], 2000000),
            *[(pod["securityContext"][key], 1000720000) for key in ("runAsUser", "runAsGroup", "fsGroup")],
        ]
        for is_there, wanted in given:
            self.assertEqual((type(is_there), is_there), (int, wanted))

    def test_names_of_digits_then_still_texts(self):
        objects = render({"secret": {"existing": "123"}, "serviceAccount": {"name": "456"}, "priorityClassName": "789"})
        spec = pod_of(objects)["spec"]
        self.assertEqual(container_of(objects)["envFrom"], [{"secretRef": {"name": "123"}}])
        self.assertEqual((spec["serviceAccountName"], spec["priorityClassName"]), ("456", "789"))
        self.assertEqual(the("ServiceAccount", objects)["metadata"]["name"], "456")

    def test_any_values_then_the_pods_have_their_texts_unchanged(self):
        for name, values in MATRIX.items():
            given = values.get("config", {})
            with self.subTest(name):
                [data] = [one["data"] for one in render(values)
                          if one["kind"] == "ConfigMap" and "dashboard" not in one["metadata"]["name"]]
                if "applicationProperties" in given:
                    self.assertEqual(data["application.properties"].rstrip("\n"), given["applicationProperties"].rstrip("\n"))
                if "yaml" in given:
                    [text] = [data[file] for file in data if file.endswith(".yaml")]
                    self.assertEqual(text, given["yaml"])

    def test_selectors_then_they_find_the_pods(self):
        for name, values in MATRIX.items():
            with self.subTest(name):
                objects = render(values)
                labels = pod_of(objects)["metadata"]["labels"].items()
                self.assertLessEqual(the("Deployment", objects)["spec"]["selector"]["matchLabels"].items(), labels)
                self.assertLessEqual(the("Service", objects)["spec"]["selector"].items(), labels)
                for kind in ("PodDisruptionBudget", "NetworkPolicy"):
                    for one in objects:
                        if one["kind"] == kind:
                            selector = one["spec"].get("selector") or one["spec"]["podSelector"]
                            self.assertLessEqual(selector["matchLabels"].items(), labels)
                for spread in pod_of(objects)["spec"]["topologySpreadConstraints"]:
                    self.assertLessEqual(spread["labelSelector"]["matchLabels"].items(), labels)
                    self.assertEqual(spread["whenUnsatisfiable"], "ScheduleAnyway")

    def test_probes_then_only_readiness_asks_for_the_stores(self):
        container = container_of(render())
        asked = {probe: container[probe]["httpGet"]["path"] for probe in container if probe.endswith("Probe")}
        self.assertEqual(asked, {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"})
        [port] = container["ports"]
        self.assertEqual((port["name"], port["containerPort"]), ("http", 8080))

    def test_any_values_then_memory_is_limited_and_the_processor_is_not(self):
        for name, values in MATRIX.items():
            with self.subTest(name):
                resources = container_of(render(values))["resources"]
                self.assertIn("memory", resources["limits"])
                self.assertNotIn("cpu", resources["limits"])

    def test_names_in_the_pod_then_what_they_name_is_there(self):
        for name, values in MATRIX.items():
            with self.subTest(name):
                objects = render(values)
                spec = pod_of(objects)["spec"]
                made = {(one["kind"], one["metadata"]["name"]) for one in objects}
                self.assertIn(("ServiceAccount", spec["serviceAccountName"]), made)
                volumes = {volume["name"]: volume for volume in spec["volumes"]}
                self.assertIn(("ConfigMap", volumes["config"]["configMap"]["name"]), made)
                for mount in container_of(objects)["volumeMounts"]:
                    self.assertIn(mount["name"], volumes)

    def test_changed_configuration_then_the_pods_are_rolled(self):
        before = checksums({})
        self.assertEqual(list(before), ["checksum/config"])
        self.assertEqual(before, checksums({"resources": {"requests": {"cpu": 2}}}))
        self.assertNotEqual(before, checksums({"config": {"yaml": config_with()}}))
        properties = copy.deepcopy(MATRIX["properties"])
        before = checksums(properties)
        properties["config"]["applicationProperties"] += "\ntoken=7"
        self.assertNotEqual(before["checksum/config"], checksums(properties)["checksum/config"])

    def test_changed_password_then_the_pods_are_rolled(self):
        before = checksums({"secret": {"env": {"REPOSITORY_URL": "postgresql://a"}}})
        after = checksums({"secret": {"env": {"REPOSITORY_URL": "postgresql://b"}}})
        self.assertEqual(before["checksum/config"], after["checksum/config"])
        self.assertNotEqual(before["checksum/secret"], after["checksum/secret"])

    def test_new_version_of_the_chart_alone_then_the_configuration_counts_as_unchanged(self):
        # Labels with the chart's version are not part of it.
        self.assertEqual(checksums({}), checksums({"fullnameOverride": "etl"}))

    def test_passwords_of_the_values_then_a_secret_in_environment_and_files(self):
        objects = render({"secret": {"env": {"REPOSITORY_URL": "postgresql://a:b@c/d"}}})
        secret = the("Secret", objects)
        self.assertEqual(secret["data"], {"REPOSITORY_URL": "cG9zdGdyZXNxbDovL2E6YkBjL2Q="})
        digits = the("Secret", render({"secret": {"env": {"REPOSITORY_URL": "x", "PIN": "0123"}}}))
        self.assertEqual(digits["data"]["PIN"], "MDEyMw==")
        name = secret["metadata"]["name"]
        self.assertEqual(container_of(objects)["envFrom"], [{"secretRef": {"name": name}}])
        mounts = {mount["name"]: mount for mount in container_of(objects)["volumeMounts"]}
        self.assertEqual(mounts["secret"]["mountPath"], "/run/secrets/baton")
        [volume] = [one for one in pod_of(objects)["spec"]["volumes"] if one["name"] == "secret"]
        self.assertEqual(volume["secret"]["secretName"], name)
        self.assertEqual(volume["secret"]["defaultMode"], 0o440)

    def test_secret_that_exists_then_it_is_used_and_none_is_made(self):
        objects = render({"secret": {"existing": "db"}})
        self.assertNotIn("Secret", [one["kind"] for one in objects])
        self.assertEqual(container_of(objects)["envFrom"], [{"secretRef": {"name": "db"}}])

    def test_several_replicas_then_a_disruption_budget(self):
        budget = the("PodDisruptionBudget", render())["spec"]
        self.assertEqual((budget["maxUnavailable"], budget["unhealthyPodEvictionPolicy"]), (1, "AlwaysAllow"))
        for values in (MATRIX["one replica on SQLite"], {"podDisruptionBudget": {"enabled": False}}):
            self.assertNotIn("PodDisruptionBudget", [one["kind"] for one in render(values)])

    def test_iam_role_then_its_annotation_and_no_token_for_kubernetes(self):
        objects = render(MATRIX["postgres and dynamodb"])
        account = the("ServiceAccount", objects)
        self.assertTrue(account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].startswith("arn:aws:iam:"))
        self.assertIs(account["automountServiceAccountToken"], False)
        self.assertIs(pod_of(objects)["spec"]["automountServiceAccountToken"], False)

    def test_network_policy_then_names_can_still_be_looked_up(self):
        policy = the("NetworkPolicy", render(MATRIX["all options"]))["spec"]
        self.assertEqual(policy["policyTypes"], ["Ingress", "Egress"])
        self.assertEqual(policy["ingress"][0]["from"], MATRIX["all options"]["networkPolicy"]["from"])
        self.assertEqual(
            policy["egress"][0], {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]})
        self.assertEqual(policy["egress"][1:], MATRIX["all options"]["networkPolicy"]["egress"])

    def test_all_options_then_each_is_in_its_place(self):
        values = MATRIX["all options"]
        objects = render(values)
        spec, container = pod_of(objects)["spec"], container_of(objects)
        self.assertEqual(container["image"], "registry.example/etl/baton:0.6.0-slim")
        self.assertEqual(container["imagePullPolicy"], "Always")
        self.assertEqual(container["env"][1:], values["env"])
        self.assertEqual(container["envFrom"][1:], values["envFrom"])
        self.assertEqual(container["ports"][0]["containerPort"], 9090)
        self.assertIn(values["volumeMounts"][0], container["volumeMounts"])
        self.assertIn(values["volumes"][0], spec["volumes"])
        for key in ("imagePullSecrets", "nodeSelector", "tolerations", "affinity", "priorityClassName"):
            self.assertEqual(spec[key], values[key])
        self.assertEqual(spec["serviceAccountName"], "etl")
        self.assertEqual([one["topologyKey"] for one in spec["topologySpreadConstraints"]], values["topologyKeys"])
        self.assertEqual(pod_of(objects)["metadata"]["labels"]["team"], "etl")
        self.assertEqual(pod_of(objects)["metadata"]["annotations"]["example.com/team"], "etl")
        self.assertEqual(the("Deployment", objects)["spec"]["minReadySeconds"], 0)
        self.assertEqual({one["metadata"]["name"] for one in objects}, {"etl", "etl-dashboard"})


if __name__ == "__main__":
    unittest.main()
