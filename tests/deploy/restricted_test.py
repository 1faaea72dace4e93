"""Pods pass the profile `restricted` of Kubernetes' Pod Security Standards (the list there, control by control), and more."""
import unittest

import yaml

from chart import TOP, container_of, pod_of, render
from matrix import MATRIX

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def violations(spec):
    """The controls of `baseline` and `restricted` that this pod's spec breaks."""
    pod = spec.get("securityContext", {})
    found = []
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            found.append(key)
    for volume in spec.get("volumes", []):
        if not set(volume) - {"name"} <= VOLUMES:
            found.append(f"volume {volume['name']}")
    if any(pod.get(key) for key in ("sysctls", "windowsOptions", "seLinuxOptions")):
        found.append("sysctls, windowsOptions or seLinuxOptions")
    for container in spec["containers"] + spec.get("initContainers", []) + spec.get("ephemeralContainers", []):
        own = container.get("securityContext", {})
        seccomp = own.get("seccompProfile", pod.get("seccompProfile", {})).get("type")
        checks = {
            "privileged": not own.get("privileged"),
            "procMount": own.get("procMount", "Default") == "Default",
            "hostPort": not any(port.get("hostPort") for port in container.get("ports", [])),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
            "runAsNonRoot": own.get("runAsNonRoot", pod.get("runAsNonRoot")) is True,
            "runAsUser": own.get("runAsUser", pod.get("runAsUser", 1)) != 0,
            "seccompProfile": seccomp in ("RuntimeDefault", "Localhost"),
            "capabilities": own.get("capabilities", {}).get("drop") == ["ALL"]
            and set(own["capabilities"].get("add", [])) <= {"NET_BIND_SERVICE"},
        }
        found += [name for name, kept in checks.items() if not kept]
    return found


class Restricted(unittest.TestCase):
    def test_any_values_then_restricted(self):
        for name, values in MATRIX.items():
            with self.subTest(name):
                self.assertEqual(violations(pod_of(render(values))["spec"]), [])

    def test_plain_manifests_then_restricted(self):
        objects = list(yaml.safe_load_all((TOP / "deploy/kubernetes/baton.yaml").read_text()))
        self.assertEqual(violations(pod_of(objects)["spec"]), [])

    def test_weakened_pod_then_seen(self):
        spec = pod_of(render())["spec"]
        spec["hostNetwork"] = True
        spec["volumes"].append({"name": "host", "hostPath": {"path": "/"}})
        del spec["securityContext"]["seccompProfile"]
        spec["securityContext"]["runAsNonRoot"] = False
        spec["containers"][0]["securityContext"] = {}
        self.assertEqual(
            violations(spec),
            ["hostNetwork", "volume host", "allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile", "capabilities"])

    def test_default_then_an_unknown_user_and_a_root_file_system_that_cannot_be_written(self):
        objects = render()
        context = pod_of(objects)["spec"]["securityContext"]
        self.assertEqual([context[key] for key in ("runAsUser", "runAsGroup", "fsGroup")], [65532] * 3)
        self.assertIs(container_of(objects)["securityContext"]["readOnlyRootFilesystem"], True)
        mounts = {mount["mountPath"]: mount for mount in container_of(objects)["volumeMounts"]}
        self.assertIs(mounts["/etc/baton"]["readOnly"], True)
        self.assertNotIn("readOnly", mounts["/tmp"])

    def test_user_of_the_clusters_choice_then_none_is_named(self):
        context = pod_of(render(MATRIX["user of the cluster's choice"]))["spec"]["securityContext"]
        self.assertEqual(context, {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}})


if __name__ == "__main__":
    unittest.main()
